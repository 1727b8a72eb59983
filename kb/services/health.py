"""Whether the service can do its work."""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from kb.models import db
from kb.search.engine import IndexUnusableError
from kb.services.index_sync import heal_in_background, last_change
from kb.services.runtime import engine

log = logging.getLogger(__name__)


def readiness() -> dict[str, Any]:
    """The state of the database and of the index, and how many changes the index is behind.

    `status` is `ready`; `degraded` when reading by id works and search does not; `down` without a database.
    """
    seq = _database_seq()
    position = _index_position() if seq is not None else None
    status = "down" if seq is None else "degraded" if position is None else "ready"
    lag = None if seq is None or position is None else max(0, seq - position)
    return {
        "status": status,
        "database": {"ok": seq is not None, "seq": seq},
        "index": {"ok": position is not None, "seq": position, "lag": lag},
    }


def _database_seq() -> int | None:
    try:
        return last_change()
    except SQLAlchemyError:
        log.exception("The database cannot be read.")
        db.session.rollback()
        return None


def _index_position() -> int | None:
    try:
        engine().check()
        return engine().position()
    except IndexUnusableError:
        heal_in_background()
        return None
