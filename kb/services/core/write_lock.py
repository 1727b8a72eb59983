"""The write lock of SQLite, for which the threads of a process queue."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.exc import OperationalError

from kb.errors import Unavailable
from kb.messages import Message
from kb.models import db
from kb.models.base import WRITE_LATER, WRITE_ON_POSTGRES, begin_on_sqlite
from kb.models.write_log import log_of
from kb.services.infrastructure import bulk_writes
from kb.services.infrastructure.storage_errors import database_busy
from kb.thread_priority import ahead_of_others

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from kb.models.write_log import WriteLog

_Result = TypeVar("_Result")

_LAST_ATTEMPT = 0.1
"""How many seconds the last attempt takes, after a bulk write has ended."""

_turn = threading.Lock()
"""Held by the thread of this process that writes to SQLite. SQLite has no queue: a waiting writer retries at
growing intervals, and may starve while many others get the lock."""


@contextmanager
def write_lock(wait: float, *, persistent: bool) -> Iterator[Connection]:
    """Begin a writing transaction. The threads of a process queue for the write lock of SQLite."""
    if db.engine.dialect.name != "sqlite":
        yield db.session.connection(execution_options=WRITE_ON_POSTGRES)
        return
    _get(_take_turn, wait, persistent=persistent)
    log: WriteLog | None = None
    try:
        with ahead_of_others():
            connection = _get(_begin, wait, persistent=persistent)
            log = log_of(connection.info)
            yield connection
    except BaseException:
        db.session.rollback()  # before the next thread's turn
        raise
    finally:
        if log is not None:
            log.end_commit()
        _turn.release()
        if log is not None:
            _sync(log)


def _sync(log: WriteLog) -> None:
    """Flush to disk what the transaction has stored, and any commits of others that it has read."""
    try:
        log.sync()
    except sqlite3.Error as error:
        raise Unavailable(
            Message(
                "The disk has not confirmed that it has stored this. "
                "Look whether it is there before you try again."
            )
        ) from error


def _get(attempt: Callable[[float], _Result | Exception], wait: float, *, persistent: bool) -> _Result:
    """Attempt to get a lock, for `wait` seconds at a time, repeatedly only during a bulk write.

    An attempt returns the reason if it fails. Raises Unavailable from the last reason.
    """
    deadline = time.monotonic() + bulk_writes.MAX_WAIT
    while isinstance(found := attempt(wait), Exception):
        if not persistent or time.monotonic() > deadline:
            raise database_busy() from found
        if not bulk_writes.is_bulk_write_running():
            # The bulk write may have ended after the attempt, so try once more.
            persistent, wait = False, _LAST_ATTEMPT
    return found


def _take_turn(seconds: float) -> Exception | None:
    """Wait until no other thread of this process is writing."""
    return None if _turn.acquire(timeout=seconds) else TimeoutError("other threads of this process write")


def _begin(seconds: float) -> Connection | Exception:
    """Begin a transaction with SQLite's write lock; returns the error if others hold it for that long."""
    try:
        connection = db.session.connection(execution_options=WRITE_LATER)
        begin_on_sqlite(connection, int(seconds * 1000))
    except OperationalError as error:
        db.session.rollback()
        if "locked" not in str(error.orig):
            raise
        return error
    return connection
