"""Imports over HTTP, which go on after the request: their states and phases."""

from __future__ import annotations

from enum import StrEnum


class ImportState(StrEnum):
    """What has become of an import. An interrupted one has written nothing, and can be restarted."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELED = "canceled"
    INTERRUPTED = "interrupted"


class ImportPhase(StrEnum):
    """What an import does at the moment, or did last."""

    CHECKING = "checking"
    WRITING = "writing"
    INDEXING = "indexing"
    DUPLICATES = "duplicates"


ACTIVE_STATES = (ImportState.QUEUED, ImportState.RUNNING)
"""The states of an import that somebody works on. A team has one at a time."""
