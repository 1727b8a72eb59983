"""A file that holds a little space of the disk, for a start that finds the disk full.

SQLite cannot be read without the memory that its processes share: a file of 32 kB beside the database, which
the last process to end removes.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from kb.services.infrastructure.runtime import settings

if TYPE_CHECKING:
    from pathlib import Path

SIZE = 1_000_000
"""In bytes. SQLite's log of writes gets some of it as well, so that people can sign in."""


def hold() -> None:
    """Make the file, unless it is there, the disk is full, or the database is PostgreSQL."""
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
