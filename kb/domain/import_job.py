"""States and phases of imports over HTTP, which continue after the request."""

from __future__ import annotations

from enum import StrEnum


class ImportState(StrEnum):
    """The state of an import. An interrupted one has written nothing, and can be restarted."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELED = "canceled"
    INTERRUPTED = "interrupted"


class ImportPhase(StrEnum):
    """The current phase of an import, or its last one."""

    CHECKING = "checking"
    WRITING = "writing"
    INDEXING = "indexing"
    DUPLICATES = "duplicates"


ACTIVE_STATES = (ImportState.QUEUED, ImportState.RUNNING)
"""The states of an unfinished import. A team has at most one such import at a time."""
