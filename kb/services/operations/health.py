"""The health of the service: its database and its search index."""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from kb.models import db
from kb.search.engine import IndexUnusableError
from kb.services.core import change_feed
from kb.services.search import sync

log = logging.getLogger(__name__)


def readiness() -> dict[str, Any]:
    """The state of the database and of the index, with the number of changes that the index lags behind.

    `status` is `ready`; `degraded` if incidents can be read but not searched; `down` without a database.
    """
    database = _is_database_readable()
    lag = _index_lag() if database else None
    return {
        "status": "down" if not database else "degraded" if lag is None else "ready",
        "database": {"ok": database},
        "index": {"ok": lag is not None, "lag": lag},
    }


def _is_database_readable() -> bool:
    try:
        change_feed.position()
    except SQLAlchemyError:
        log.exception("The database cannot be read.")
        db.session.rollback()
        return False
    return True


def _index_lag() -> int | None:
    try:
        sync.check()
        return sync.lag()
    except IndexUnusableError:
        return None
