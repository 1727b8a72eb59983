"""What a database's failure means to a caller; the driver's own words stay in the log."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from kb.errors import KBError, StorageFull, Unavailable

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError

_POSTGRES_DISK_FULL = "53100"


def translate(error: DBAPIError) -> KBError:
    """The error to tell a caller of: the disk is full, or the database is busy or away."""
    cause = error.orig
    full = (
        "disk is full" in str(cause)
        or getattr(cause, "sqlstate", None) == _POSTGRES_DISK_FULL
        or getattr(cause, "errno", None) == errno.ENOSPC
    )
    if full:
        return StorageFull("The disk is full; nothing was changed. Make room and try again.")
    return Unavailable("The database is busy or cannot be reached. Try again in a moment.")
