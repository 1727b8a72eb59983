"""The entries in the spool of the running application's database (`kb/models/spool.py`)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from filelock import Timeout

from kb.models import db
from kb.models.driver import execute_by_driver
from kb.models.spool import POSITION, Position, Spool, store
from kb.services.infrastructure.storage_errors import database_busy

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from kb.models.spool import Batch

log = logging.getLogger(__name__)


def current_spool() -> Spool | None:
    """The spool of the database; None for PostgreSQL, whose writers do not exclude each other."""
    engine = db.engine
    file = engine.url.database
    return Spool(file) if engine.dialect.name == "sqlite" and file else None


def position_of(connection: Connection) -> Position:
    """The position of the database in the transaction of a connection."""
    ((database, last),) = execute_by_driver(connection, POSITION)
    return Position(database, last)


def waiting(subject: str) -> list[dict[str, Any]]:
    """The facts of the waiting entries about a subject, oldest first.

    Begins a transaction in the session, which sees all entries that are no longer waiting.
    """
    spool = current_spool()
    if spool is None or not spool.exists() or not (batches := _read(spool, subject)):
        return []
    position = position_of(db.session.connection())
    return [
        entry.facts
        for batch in batches
        if batch.waits_at(position)
        for entry in batch.entries
        if entry.subject == subject
    ]


def store_waiting(connection: Connection, spool: Spool | None) -> Position | None:
    """Store everything that waits in the spool of the database, in a writing transaction, and return the
    position for `remove_stored`.
    """
    if spool is None or not spool.exists():
        return None
    return store(
        _read(spool),
        position_of(connection),
        lambda statement, values=(): execute_by_driver(connection, statement, tuple(values)),
    )


def _read(spool: Spool, subject: str = "") -> list[Batch]:
    """The batches of a spool. Raises Unavailable if it cannot be read: a session may have ended in it."""
    try:
        return spool.batches(subject)
    except OSError as error:
        raise database_busy() from error


def remove_stored(position: Position | None) -> None:
    """Remove the file of the spool after the transaction that stored it, unless more was added.

    If that fails, the next writing transaction does it, since nothing is stored twice.
    """
    try:
        if position is not None and (spool := current_spool()) is not None:
            spool.remove(position)
    except Timeout:
        pass  # another process is adding to it
    except OSError:
        log.exception("The spool could not be removed.")
