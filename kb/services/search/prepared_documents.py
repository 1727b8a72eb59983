"""Index documents that a writer makes from the incident it has just written, to save loading it again.

The thread that updates the index uses them instead of loading the incident from the database, which takes
ten statements: those of its own process from memory, those of others from files. A document is valid for one
change only: if the incident has changed since, it is not used.
"""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kb.models import db
from kb.services.infrastructure.runtime import engine
from kb.services.search.documents import load_documents, make_document
from kb.services.search.shared_documents import shared_documents, sharing
from kb.services.taxonomy.lookup import committed_terms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kb.models import Incident, IncidentTerm, Response
    from kb.search.engine import IndexDocument, SearchEngine

log = logging.getLogger(__name__)

_prepared: dict[tuple[SearchEngine, int], IndexDocument] = {}
"""The document of an incident as of a change, by engine and `seq`. It is kept while its writer waits."""

_lock = threading.Lock()


@contextmanager
def provide_document(seq: int, incident: Incident) -> Iterator[None]:
    """Provide the document of a new incident while the block brings the index up to its change, `seq`.

    The incident must be committed, and detached from its session.
    """
    document = _document_of(incident) if seq else None
    if document is None:
        yield
        return
    key = engine(), seq
    with _lock:
        _prepared[key] = document
    try:
        with sharing(seq, document):
            yield
    finally:
        with _lock:
            del _prepared[key]


def documents_of(changes: Mapping[int, int]) -> list[IndexDocument]:
    """The documents of incidents, given the `seq` of the last change of each: as of that change or later."""
    current = engine()
    with _lock:
        ready = {number: _prepared.get((current, seq)) for number, seq in changes.items()}
    documents = [document for number, document in ready.items() if document and document.id == number]
    if missing := _without(changes, documents):
        documents += shared_documents(missing)
    if missing := _without(changes, documents):
        documents += load_documents(missing.keys())
    return documents


def _without(changes: Mapping[int, int], documents: Iterable[IndexDocument]) -> dict[int, int]:
    """The changes of the other incidents."""
    ready = {document.id for document in documents}
    return {number: seq for number, seq in changes.items() if number not in ready}


def _document_of(incident: Incident) -> IndexDocument | None:
    """Make the document of a written incident; None if it has to be loaded."""
    try:
        if not _is_as_stored(incident):
            return None
        _read_terms(incident)
        _read_amounts(incident)
        return make_document(incident)
    except Exception:
        # The write is committed, so no later failure may fail it.
        log.exception("What was written could not be prepared for the search index; it is loaded instead.")
        db.session.rollback()
        return None


def _is_as_stored(incident: Incident) -> bool:
    """Whether the database returns what was written, but for whole amounts on SQLite.

    PostgreSQL rounds amounts of many digits, and sorts tags by its own collation.
    """
    return db.engine.dialect.name == "sqlite" or not (incident.impacts or len(incident.tag_links) > 1)


def _read_amounts(incident: Incident) -> None:
    """Turn whole amounts into integers, as SQLite does."""
    if db.engine.dialect.name == "sqlite":
        for impact in incident.impacts:
            if impact.amount is not None and float(impact.amount).is_integer():
                impact.amount = int(impact.amount)


def _read_terms(incident: Incident) -> None:
    """Reload the terms of an incident, because the ones it was written with may be outdated."""
    links: list[IncidentTerm | Response] = [*incident.term_links, *incident.responses]
    by_id = committed_terms({link.term_id for link in links})
    for link in links:
        link.term = by_id[link.term_id]
