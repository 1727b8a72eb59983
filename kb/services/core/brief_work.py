"""Short writes that do not queue behind other writers: sign-ins, failed attempts, records of exports.

On SQLite they go to the spool while another writer holds the lock.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any, Protocol

from filelock import Timeout
from sqlalchemy import insert
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import SQLAlchemyError

from kb.errors import KBError, Unavailable
from kb.models import db
from kb.models.base import utc_now
from kb.models.spool import Entry
from kb.services.core.spool import current_spool, position_of
from kb.services.core.unit_of_work import unit_of_work
from kb.services.infrastructure.runtime import application
from kb.services.infrastructure.storage_errors import database_busy, disk_full, is_disk_full

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from flask import Flask
    from sqlalchemy import Table, UpdateBase

    from kb.models.spool import Spool

log = logging.getLogger(__name__)

WAIT = 0.05
"""How many seconds to wait for other writers before writing to the spool."""

_LOCK_SECONDS = 2.0
"""Seconds to wait for others to finish writing to the spool, which takes each as long as the disk."""

_LOCKED_SECONDS = 0.2
"""Seconds to wait for them while the caller keeps other writers waiting."""

_MIN_PAUSE, _MAX_PAUSE = 0.1, 2.0
"""Seconds between two attempts to store the spool's entries; each pause is twice the previous one."""

_DIALECT = sqlite.dialect()

_storing = threading.Lock()
"""Held by the thread of this process that stores the spool's entries."""


class Work(Protocol):
    """A writing transaction, either of the database or of the spool."""

    @property
    def at(self) -> datetime: ...
    def insert(self, table: Table, row: Mapping[str, Any]) -> None: ...
    def execute(self, statement: UpdateBase, subject: str = "", **facts: Any) -> None: ...


class SpooledWork:
    """A transaction whose statements stay in the spool until someone gets the write lock."""

    def __init__(self) -> None:
        self.at: datetime = utc_now()
        self.entries: list[Entry] = []

    def insert(self, table: Table, row: Mapping[str, Any]) -> None:
        """Insert a row that nothing refers to."""
        self.execute(insert(table).values(row))

    def execute(self, statement: UpdateBase, subject: str = "", **facts: Any) -> None:
        """Execute a statement later. Until then, `spool.waiting` returns these facts about the subject."""
        compiled = statement.compile(dialect=_DIALECT)
        parameters = []
        for name in compiled.positiontup or ():
            kind = compiled.binds[name].type.dialect_impl(_DIALECT)
            process, value = kind.bind_processor(_DIALECT), compiled.params[name]
            parameters.append(value if process is None else process(value))
        self.entries.append(Entry(subject, facts, str(compiled), parameters))


@contextmanager
def brief_work() -> Iterator[Work]:
    """Run the block in one writing transaction that hardly waits for other writers.

    It is a `UnitOfWork` or, on SQLite while others hold the write lock, a `SpooledWork`, which lets the
    session only read. Raises what `unit_of_work` raises.
    """
    with ExitStack() as stack:
        try:
            work: Work = stack.enter_context(unit_of_work(wait=WAIT, persistent=False))
        except Unavailable:
            if (spool := current_spool()) is None:
                raise
            work = stack.enter_context(_spooled_work(spool))
        yield work


@contextmanager
def exclusive_spool() -> Iterator[None]:
    """Keep others from writing to the spool during the block, which runs in a writing transaction.

    Does nothing on PostgreSQL. Gives up soon, and raises Unavailable, since writers are waiting.
    """
    if (spool := current_spool()) is None:
        yield
        return
    with _translated_errors(), spool.lock.acquire(timeout=_LOCKED_SECONDS):
        yield


@contextmanager
def _spooled_work(spool: Spool) -> Iterator[SpooledWork]:
    with _translated_errors(), spool.lock.acquire(timeout=_LOCK_SECONDS):
        db.session.rollback()  # an open transaction may be older than what was moved from the spool
        position = position_of(db.session.connection())
        work = SpooledWork()
        yield work
        db.session.rollback()
        spool.append(position, work.entries)
    store_in_background()


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except Timeout as error:
        raise database_busy() from error
    except OSError as error:
        if is_disk_full(error):
            raise disk_full() from error
        raise database_busy() from error


def store_in_background() -> None:
    """Store the spool's entries in a thread, as soon as the write lock is free.

    A process runs one such thread at a time; further calls do nothing while it runs.
    """
    app = application()
    if not _storing.acquire(blocking=False):
        return
    try:
        threading.Thread(target=_store, args=(app,), name="store-spool", daemon=True).start()
    except RuntimeError:
        _storing.release()
        log.exception("No thread could be started to store what waits in the spool; the next write does it.")


def _store(app: Flask) -> None:
    with app.app_context():
        try:
            _store_all()
        except Exception:
            log.exception("What waits in the spool could not be stored; the next write tries again.")
            return
        finally:
            _storing.release()
        if _is_waiting():  # added after the last look, while this thread still seemed to run
            store_in_background()


def _store_all() -> None:
    pause = _MIN_PAUSE
    while _is_waiting():
        time.sleep(pause)
        pause = min(2 * pause, _MAX_PAUSE)
        with suppress(KBError, SQLAlchemyError), unit_of_work(wait=WAIT, persistent=False):
            pass
        db.session.remove()


def _is_waiting() -> bool:
    spool = current_spool()
    return spool is not None and spool.exists()
