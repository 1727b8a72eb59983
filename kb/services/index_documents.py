"""The one function that makes an index document of an incident: a rebuild equals a live update."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from kb.domain.incident import NAMESPACES
from kb.domain.permissions import audiences_of
from kb.models import Incident, Term, db
from kb.search.engine import TEXT_WEIGHTS, IndexDocument
from kb.services.access import ALL_PARTS

if TYPE_CHECKING:
    from collections.abc import Collection


def load_documents(incident_ids: Collection[int]) -> list[IndexDocument]:
    """The documents of some incidents, as they are stored now."""
    db.session.expire_all()
    rows = db.session.scalars(select(Incident).where(Incident.id.in_(incident_ids)).options(*ALL_PARTS))
    documents = [make_document(row) for row in rows]
    db.session.expunge_all()
    return documents


def make_document(incident: Incident) -> IndexDocument:
    """An incident as a search engine sees it: all its languages, and who may see it."""
    terms = {namespace: tuple(incident.terms(namespace)) for namespace in NAMESPACES}
    terms["response"] = tuple(dict.fromkeys(response.term.key for response in incident.responses))
    return IndexDocument(
        id=incident.id,
        texts={field: searchable_texts(incident, field) for field in TEXT_WEIGHTS},
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
    )


def _terms(incident: Incident) -> list[Term]:
    """What it is classified by, and how it was answered."""
    answers = dict.fromkeys(response.term for response in incident.responses)
    return [*(link.term for link in incident.term_links), *answers]


def _names(term: Term) -> list[tuple[str, str]]:
    """How people call a term: its labels in all languages, and its aliases."""
    return [*term.labels.items(), *(("en", alias) for alias in term.aliases)]


def searchable_texts(incident: Incident, field: str) -> tuple[tuple[str, str], ...]:
    """What is searched in one field: (language, text) pairs, those of the original first."""
    if field == "organization":
        return ((incident.language, incident.organization),)
    if field == "tags":
        return tuple((incident.language, tag) for tag in incident.tags)
    if field == "terms":
        return tuple(pair for term in _terms(incident) for pair in _names(term))
    if field == "lessons":
        return tuple(
            (language, lesson.texts[language].text)
            for language in incident.languages
            for lesson in incident.lessons
            if language in lesson.texts
        )
    return tuple((language, getattr(incident.texts[language], field)) for language in incident.languages)
