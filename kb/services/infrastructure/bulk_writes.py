"""Long writes to SQLite, such as imports, and whether one is running in any process of this machine.

Other writers wait longer for one instead of failing, since it ends, and stores everything at once.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from kb.services.infrastructure.runtime import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_WAIT = 60.0
"""How many seconds a write waits for a long one, and a long one waits for its turn."""


@contextmanager
def bulk_write() -> Iterator[None]:
    """Announce a long write while the block runs; wait for another one to end first.

    The system releases the lock when the process ends, however it ends.
    """
    with _lock(timeout=-1):
        yield


def is_bulk_write_running() -> bool:
    """Whether a process of this machine is running a long write."""
    try:
        with _lock(timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        return False  # a read-only folder


def _lock(timeout: float) -> FileLock:
    return FileLock(settings().data_dir / "bulk.lock", timeout=timeout, mode=0o600)
