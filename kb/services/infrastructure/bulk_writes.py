"""A long write to SQLite, such as an import, and whether one is going on in any process of this machine.

Whoever meets one waits longer than for others, instead of failing: it ends, and stores everything at once.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from kb.services.infrastructure.runtime import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_WAIT = 60.0
"""How many seconds a write waits for a long one, and a long one for its turn."""


@contextmanager
def bulk_write() -> Iterator[None]:
    """Let others know of a long write while the block runs; another one has to end first.

    The system forgets of it when the process ends, however that does.
    """
    with _lock(timeout=-1):
        yield


def is_bulk_write_going_on() -> bool:
    """Whether a process of this machine is in the middle of a long write."""
    try:
        with _lock(timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        return False  # a folder in which nothing can be written


def _lock(timeout: float) -> FileLock:
    return FileLock(settings().data_dir / "bulk.lock", timeout=timeout, mode=0o600)
