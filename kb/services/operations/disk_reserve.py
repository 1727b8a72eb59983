"""A file that reserves a little disk space, so that the service can start on a full disk.

SQLite cannot read a database without its shared memory file, 32 kB that the last process to end removes.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from kb.services.infrastructure.runtime import settings

if TYPE_CHECKING:
    from pathlib import Path

SIZE = 1_000_000
"""In bytes. Some of it is for SQLite's write-ahead log, so that people can sign in."""


def create() -> None:
    """Create the file, unless it exists, the disk is full, or the database is PostgreSQL."""
    path = _path()
    if path is None or (path.exists() and path.stat().st_size == SIZE):
        return
    try:
        with path.open("wb") as file:
            file.write(bytes(SIZE))
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        release()  # a part of it may be there


def release() -> bool:
    """Remove the file; False if there is none."""
    path = _path()
    if path is None:
        return False
    with suppress(FileNotFoundError):
        path.unlink()
        return True
    return False


def _path() -> Path | None:
    database = settings().database_file
    return None if database is None else database.with_name(f"{database.name}-reserve")
