"""Compare the search index with the database, document by document."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kb.services.search.documents import all_documents
from kb.services.search.sync import require_embedded

if TYPE_CHECKING:
    from kb.services.search.documents import Progress


class VerificationReport(NamedTuple):
    """How an index differs from the database, by incident ids; `documents` is the expected number."""

    documents: int
    missing: tuple[int, ...]
    different: tuple[int, ...]
    extra: tuple[int, ...]

    @property
    def equal(self) -> bool:
        """Whether the index matches the database exactly."""
        return not (self.missing or self.different or self.extra)


def verify(*, timeout: float, progress: Progress | None = None) -> VerificationReport:
    """Compare the digest of each indexed document with that of a document made anew.

    Holds the index lock meanwhile. `progress` counts incidents. Raises IndexBusyError after `timeout`
    seconds, IndexUnusableError if a file of the index was modified.
    """
    index = require_embedded()
    with index.writing(timeout=timeout):
        index.check()
        indexed = index.digests()
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
    return VerificationReport(count, tuple(missing), tuple(different), tuple(indexed))
