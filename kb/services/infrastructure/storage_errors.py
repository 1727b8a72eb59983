"""What a database's failure means to a caller; the driver's own words stay in the log."""

from __future__ import annotations

import errno
import sqlite3
from typing import TYPE_CHECKING

from sqlalchemy.exc import OperationalError

from kb.errors import KBError, StorageFull, Unavailable

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError

_POSTGRES_DISK_FULL = "53100"


_SQLITE_AWAY = ("locked", "busy", "unable to open", "disk i/o", "not a database", "malformed")


def translate(error: DBAPIError) -> KBError | None:
    """The error to tell a caller of: the disk is full, or the database is busy or away.

    None for any other: then it is we who are wrong.
    """
    cause = error.orig
    full = (
        "disk is full" in str(cause)
        or getattr(cause, "sqlstate", None) == _POSTGRES_DISK_FULL
        or getattr(cause, "errno", None) == errno.ENOSPC
    )
    if full:
        return StorageFull("The disk is full; nothing was changed. Make room and try again.")
    if isinstance(cause, sqlite3.Error):
        away = any(words in str(cause).lower() for words in _SQLITE_AWAY)
    else:
        away = isinstance(error, OperationalError)
    if away:
        return Unavailable("The database is busy or cannot be reached. Try again in a moment.")
    return None
