"""Whether the service can do its work."""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from kb.models import db
from kb.search.engine import IndexUnusableError
from kb.services.core import change_feed
from kb.services.search.sync import check, lag

log = logging.getLogger(__name__)


def readiness() -> dict[str, Any]:
    """The state of the database and of the index, and how many changes the index is behind.

    `status` is `ready`; `degraded` when reading by id works and search does not; `down` without a database.
    """
    database = _database_answers()
    behind = _index_lag() if database else None
    return {
        "status": "down" if not database else "degraded" if behind is None else "ready",
        "database": {"ok": database},
        "index": {"ok": behind is not None, "lag": behind},
    }


def _database_answers() -> bool:
    try:
        change_feed.position()
    except SQLAlchemyError:
        log.exception("The database cannot be read.")
        db.session.rollback()
        return False
    return True


def _index_lag() -> int | None:
    try:
        check()
        return lag()
    except IndexUnusableError:
        return None
