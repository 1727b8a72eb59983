"""Compare the search index with the database, document by document."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from kb.models import Change, db
from kb.services.core import change_feed
from kb.services.search.documents import all_documents
from kb.services.search.sync import require_embedded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kb.search.engine import Position
    from kb.services.search.documents import Progress


class VerificationReport(NamedTuple):
    """How an index differs from the database, by incident ids; `documents` is the expected number.

    Those in `pending` differ because of changes that were committed since the index was last written.
    """

    documents: int
    missing: tuple[int, ...]
    different: tuple[int, ...]
    extra: tuple[int, ...]
    pending: tuple[int, ...]

    @property
    def equal(self) -> bool:
        """Whether the index matches the database exactly."""
        return self.correct and not self.pending

    @property
    def correct(self) -> bool:
        """Whether the index matches the database as of the last indexed change."""
        return not (self.missing or self.different or self.extra)


def verify(*, timeout: float, progress: Progress | None = None) -> VerificationReport:
    """Compare the digest of each indexed document with the digest of a freshly built one.

    Holds the index lock while it runs. `progress` counts incidents. Raises IndexBusyError after `timeout`
    seconds, IndexUnusableError if a file of the index was modified.
    """
    index = require_embedded()
    with index.writing(timeout=timeout):
        index.check()
        position, indexed = index.position(), index.digests()
        missing, different = [], []
        count = 0
        for documents, _ in all_documents(progress):
            for document in documents:
                count += 1
                digest = indexed.pop(document.id, None)
                if digest is None:
                    missing.append(document.id)
                elif digest != document.digest():
                    different.append(document.id)
        # Asked last, so that it includes whatever was committed while the documents were made.
        changed = _changed_since(position)
    pending = changed.intersection([*missing, *different, *indexed])

    def others(ids: Iterable[int]) -> tuple[int, ...]:
        return tuple(each for each in ids if each not in pending)

    return VerificationReport(
        count, others(missing), others(different), others(indexed), tuple(sorted(pending))
    )


def _changed_since(position: Position) -> set[int]:
    """The incidents that changed after a position; none if the position belongs to another database."""
    if position.database_id != change_feed.position().database_id:
        return set()
    db.session.rollback()  # its transaction may see an older state
    later = select(Change.incident_id).where(Change.seq > position.seq)
    return set(db.session.scalars(later))
