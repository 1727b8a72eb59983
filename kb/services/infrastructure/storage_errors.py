"""Translate database failures to domain errors; the driver's message stays in the log."""

from __future__ import annotations

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError

from kb.errors import KBError, StorageFull, Unavailable
from kb.messages import Message

_POSTGRES_DISK_FULL = "53100"

_SQLITE_UNAVAILABLE = ("locked", "busy", "unable to open", "disk i/o", "not a database", "malformed")


def is_disk_full(error: BaseException) -> bool:
    """Whether an operation failed because the disk is full or the user's quota is used up."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return (
        isinstance(cause, StorageFull)
        or "disk is full" in str(cause)
        or getattr(cause, "sqlstate", None) == _POSTGRES_DISK_FULL
        or getattr(cause, "errno", None) in (errno.ENOSPC, errno.EDQUOT)
    )


def domain_error_for(error: DBAPIError) -> KBError | None:
    """The domain error for a database failure: StorageFull, Unavailable, or None for a bug of the caller."""
    cause = error.orig
    if is_disk_full(error):
        return disk_full()
    if isinstance(cause, sqlite3.Error):
        unavailable = any(text in str(cause).lower() for text in _SQLITE_UNAVAILABLE)
    else:
        # A server that ends a session may report an internal error.
        unavailable = isinstance(error, OperationalError) or error.connection_invalidated
    if unavailable:
        return database_busy()
    return None


def disk_full() -> StorageFull:
    """The error for a disk on which nothing can be stored."""
    return StorageFull(Message("The disk is full; nothing was changed. Free some space and try again."))


def database_busy() -> Unavailable:
    """The error for a database that others keep busy, or that cannot be reached."""
    return Unavailable(Message("The database is busy or cannot be reached. Try again in a moment."))
