"""Check the search index: whether it is intact, and how far it lags behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.messages import Message, counted
from kb.search.engine import IndexUnusableError
from kb.services.operations.doctor.finding import ok, warning
from kb.services.search import sync

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.services.operations.doctor.finding import Finding

_REBUILD = Message("Run: kb index rebuild")


def examine_index() -> Iterator[Finding]:
    """Whether the files of the index are unmodified, and its lag behind the database."""
    try:
        sync.check()
        lag = sync.lag()
    except IndexUnusableError as reason:
        message = Message("The index cannot be used: {reason}", reason=str(reason))
        yield warning("index", message, Message("The next search rebuilds it; or run: kb index rebuild"))
        return
    if lag:
        behind = counted("The index lacks {num} change.", "The index lacks {num} changes.", lag)
        yield warning("index", behind, Message("The next search adds it. If it stays, run: kb index rebuild"))
    else:
        yield ok("index", Message("The files of the index are whole, and hold every change."))
    if not sync.has_current_concepts():
        yield warning("concepts", Message("The concepts have changed since the index was built."), _REBUILD)
