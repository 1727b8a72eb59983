"""Make index documents. One function makes them all, so that a rebuild equals a live update."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from sqlalchemy import func, select

from kb.domain.incident import Kind
from kb.domain.permissions import audiences_of
from kb.domain.taxonomy import NAMESPACES
from kb.models import Incident, db
from kb.observances.days import observances_between
from kb.search.concepts import incident_concepts
from kb.search.engine import IndexDocument
from kb.services.core import change_feed
from kb.services.core.incident_lookup import DETAIL_OPTIONS
from kb.services.core.replica import prefer_replica
from kb.services.infrastructure.processes import in_processes
from kb.services.infrastructure.runtime import concepts
from kb.services.search.hit_content import searched_texts, to_stored

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    Progress = Callable[[int, int], object]
    """Called with the number of items done and the total."""

BATCH_SIZE = 1_000
"""How many incidents are loaded, and committed to an index, at a time."""


def load_documents(incident_ids: Collection[int]) -> list[IndexDocument]:
    """Make the documents of some incidents from the current state of the database."""
    # Rows loaded earlier may be outdated.
    db.session.expire_all()
    rows = db.session.scalars(select(Incident).where(Incident.id.in_(incident_ids)).options(*DETAIL_OPTIONS))
    documents = [make_document(row) for row in rows]
    # A rebuild would otherwise hold every incident in memory.
    db.session.expunge_all()
    return documents


def all_documents(progress: Progress | None = None) -> Iterator[tuple[list[IndexDocument], int]]:
    """Yield the documents of all incidents in batches of (documents, `seq`); a command uses all processors.

    Reads from the replica if possible. `seq` is the database's at the start: the next sync applies later
    changes. `progress` counts incidents.
    """
    db.session.rollback()  # an open transaction may be older than the position
    seq = change_feed.position().seq
    total = db.session.scalar(select(func.count(Incident.id))) or 0
    done = 0
    for documents in in_processes(_load_batch, _id_batches()):
        yield documents, seq
        done += len(documents)
        if progress is not None:
            progress(done, total)
    yield [], seq  # so that a database without incidents yields its `seq`, too


def _id_batches() -> Iterator[list[int]]:
    """Yield the ids of all incidents in ascending order, each batch in its own transaction."""
    last_id = 0
    while True:
        following = select(Incident.id).where(Incident.id > last_id).order_by(Incident.id).limit(BATCH_SIZE)
        ids = [*db.session.scalars(following)]
        db.session.rollback()
        if not ids:
            return
        yield ids
        last_id = ids[-1]


def _load_batch(ids: list[int]) -> list[IndexDocument]:
    documents = prefer_replica(lambda _: load_documents(ids))
    db.session.rollback()
    return documents


def make_document(incident: Incident) -> IndexDocument:
    """Make the document of an incident: its texts in all languages, and who may see it."""
    terms = {namespace: tuple(incident.terms(namespace)) for namespace in NAMESPACES}
    terms["response"] = tuple(dict.fromkeys(response.term.key for response in incident.responses))
    content = to_stored(incident)
    texts = {field: tuple(pairs) for field, pairs in searched_texts(content).items()}
    return IndexDocument(
        id=incident.id,
        texts=texts,
        terms=terms,
        audiences=audiences_of(incident.team_id, incident.status, incident.visibility),
        organization_key=incident.organization_key,
        languages=tuple(incident.languages),
        status=incident.status,
        kind=Kind(incident.kind),  # a row that was just written has the plain text
        tags=tuple(link.key for link in incident.tag_links),
        severity=incident.severity,
        first_day=incident.occurred_on,
        last_day=incident.occurred_until,
        titles=tuple((tag, incident.texts[tag].title_key) for tag in incident.languages),
        published_at=incident.published_at,
        updated_at=incident.updated_at,
        observances=observances_between(incident.occurred_on, incident.occurred_until),
        concepts=incident_concepts(concepts(), texts, terms),
        collection=None if incident.collection is None else incident.collection.key,
        sources=tuple(sorted(set().union(*(source.link_keys for source in incident.sources)))),
        stored=orjson.dumps(content),
    )
