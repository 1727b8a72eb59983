"""The one function that makes an index document of an incident: a rebuild equals a live update."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from sqlalchemy import select

from kb.domain.permissions import audiences_of
from kb.domain.taxonomy import NAMESPACES
from kb.models import Incident, db
from kb.search.engine import IndexDocument
from kb.services.core.incident_lookup import DETAIL_OPTIONS
from kb.services.search.hit_content import searched_texts, to_stored

if TYPE_CHECKING:
    from collections.abc import Collection


def load_documents(incident_ids: Collection[int]) -> list[IndexDocument]:
    """The documents of some incidents, as they are stored now."""
    db.session.expire_all()
    rows = db.session.scalars(select(Incident).where(Incident.id.in_(incident_ids)).options(*DETAIL_OPTIONS))
    documents = [make_document(row) for row in rows]
    db.session.expunge_all()
    return documents


def make_document(incident: Incident) -> IndexDocument:
    """An incident as a search engine sees it: all its languages, and who may see it."""
    terms = {namespace: tuple(incident.terms(namespace)) for namespace in NAMESPACES}
    terms["response"] = tuple(dict.fromkeys(response.term.key for response in incident.responses))
    shown = to_stored(incident)
    return IndexDocument(
        id=incident.id,
        texts={field: tuple(pairs) for field, pairs in searched_texts(shown).items()},
        terms=terms,
        audiences=audiences_of(incident.team_id, incident.status, incident.visibility),
        organization_key=incident.organization_key,
        languages=tuple(incident.languages),
        status=incident.status,
        kind=incident.kind,
        tags=tuple(incident.tags),
        severity=incident.severity,
        first_day=incident.occurred_on,
        last_day=incident.occurred_until,
        stored=orjson.dumps(shown),
    )
