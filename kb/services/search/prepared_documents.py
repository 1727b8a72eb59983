"""Index documents that a writer makes of what it has just written, so that nobody loads it again.

Whoever updates the index, in the same process, takes them instead of reading the incident from the database,
which takes ten statements. A document is only of one change: if the incident has changed since, it is not
used.
"""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import select

from kb.models import Term, db
from kb.services.infrastructure.runtime import engine
from kb.services.search.documents import load_documents, make_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kb.models import Incident, IncidentTerm, Response
    from kb.search.engine import IndexDocument, SearchEngine

log = logging.getLogger(__name__)

_prepared: dict[tuple[SearchEngine, int], IndexDocument] = {}
"""By engine and `seq`, the document of an incident as of this change. It is kept while its writer waits."""

_lock = threading.Lock()


@contextmanager
def prepared(seq: int, incident: Incident) -> Iterator[None]:
    """Have the document of a new incident ready while the block brings the index to its change, `seq`.

    The incident is committed, and of no session.
    """
    document = _document_of(incident) if seq else None
    if document is None:
        yield
        return
    key = engine(), seq
    with _lock:
        _prepared[key] = document
    try:
        yield
    finally:
        with _lock:
            del _prepared[key]


def documents_of(changes: Mapping[int, int]) -> list[IndexDocument]:
    """The documents of incidents, given the `seq` of the last change of each: as of that one, or newer."""
    current = engine()
    with _lock:
        ready = {number: _prepared.get((current, seq)) for number, seq in changes.items()}
    documents = [document for number, document in ready.items() if document and document.id == number]
    if missing := changes.keys() - {document.id for document in documents}:
        documents += load_documents(missing)
    return documents


def _document_of(incident: Incident) -> IndexDocument | None:
    """The document of a written incident; None if it has to be loaded."""
    try:
        if not _is_as_stored(incident):
            return None
        _read_terms(incident)
        return make_document(incident)
    except Exception:
        # The write is committed, and nothing that fails from now on may fail it.
        log.exception("What was written could not be prepared for the search index; it is loaded instead.")
        db.session.rollback()
        return None


def _is_as_stored(incident: Incident) -> bool:
    """Whether the database gives back what was written: it rounds amounts, and PostgreSQL sorts tags by
    their language."""
    return not incident.impacts and (len(incident.tag_links) < 2 or db.engine.dialect.name == "sqlite")


def _read_terms(incident: Incident) -> None:
    """Give an incident its terms as they are now: those that it was written with may be from before."""
    links: list[IncidentTerm | Response] = [*incident.term_links, *incident.responses]
    terms = select(Term).where(Term.id.in_({link.term_id for link in links}))
    by_id = {term.id: term for term in db.session.scalars(terms)}
    for link in links:
        link.term = by_id[link.term_id]
