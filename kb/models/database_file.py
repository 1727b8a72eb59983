"""Detect that the file of an SQLite database was replaced or removed under a running service.

SQLite keeps using the file that it has opened, whatever is at its path. So a connection pool would read and
write a database that nobody else can see any longer. Decision 0066 describes the solution.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

from filelock import FileLock
from sqlalchemy import Dialect, Engine, event
from sqlalchemy.exc import InvalidatePoolError

from kb.models.write_log import log_path

if TYPE_CHECKING:
    from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

log = logging.getLogger(__name__)

_ID_DIGITS = 32
_LOCK_SECONDS = 30.0
_OPENED, _FILE = "kb_opened", "kb_file"
"""Keys in a connection's `info`: the engine's dialect and the path; the identity of the file, None while it
is not known."""


_Identity = tuple[int, int]
"""Device and inode of a file."""


class _Files(NamedTuple):
    """The files of a database when this process last opened it; None for a missing one."""

    database: _Identity | None
    log: _Identity | None
    log_index: _Identity | None


_known: WeakKeyDictionary[Dialect, _Files] = WeakKeyDictionary()
"""By dialect, because each engine has its own."""


def forget(engine: Engine) -> None:
    """Forget an engine's file, so that it accepts the next one as is: the caller has put it there."""
    _known.pop(engine.dialect, None)


def remember(record: ConnectionPoolEntry) -> Path | None:
    """Record the files of a new connection, and return its database file; None for a database in memory.

    Call it after the first access to the database.
    """
    if (opened := record.info.get(_OPENED)) is None:
        return None
    dialect, path = opened
    # Of a file that was exchanged meanwhile, this is the old one: the next checkout notices.
    database = record.info[_FILE] or _identity(path)
    files = _Files(database, _identity(log_path(path)), _identity(_index(path)))
    record.info[_FILE] = database
    _known[dialect] = files
    return Path(path)


@event.listens_for(Engine, "do_connect")
def _before_connecting(
    dialect: Dialect, record: ConnectionPoolEntry, arguments: list[Any], _parameters: dict[str, Any]
) -> None:
    """Adopt a file that has replaced the one that this process had open.

    Raises OperationalError if the file is gone, because SQLite would create an empty one.
    """
    if dialect.name != "sqlite" or not (path := Path(arguments[0])).is_absolute():
        return
    known, present = _known.get(dialect), _identity(path)
    record.info[_OPENED], record.info[_FILE] = (dialect, path), present
    if known is None or known.database == present:
        return
    if present is None:
        raise sqlite3.OperationalError("unable to open database file: it was removed")
    _adopt(path, known)


@event.listens_for(Engine, "checkout")
def _at_checkout(_connection: object, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
    """Invalidate all connections if the file at the path is a different one, so that new ones are opened."""
    if (opened := record.info.get(_OPENED)) is not None and record.info.get(_FILE) != _identity(opened[1]):
        raise InvalidatePoolError("The file of the database was exchanged.")


def _adopt(path: Path, known: _Files) -> None:
    """Prepare a database that has replaced another one for its first connection.

    The old log is moved aside, because SQLite would apply it to the new file. The new database gets a new id,
    because it may be an older state of the old one, and indexes and caches must not assume that they match
    it.
    """
    with FileLock(f"{path}-exchange.lock", timeout=_LOCK_SECONDS):
        for file, old in ((log_path(path), known.log), (_index(path), known.log_index)):
            if old is not None and old == _identity(file):
                file.replace(file.with_name(f"{file.name}-exchanged"))
        is_first = _assign_id(path)
    if is_first:
        log.warning("The file of the database was exchanged while it was in use; its index is built anew.")


def _assign_id(path: Path) -> bool:
    """Give a database a new id, unless another process has done so since the replacement."""
    mark = hashlib.sha256(repr(_identity(path)).encode()).hexdigest()[: _ID_DIGITS // 2]
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'change_counter'").fetchone():
            return False
        (current,) = connection.execute("SELECT database FROM change_counter").fetchone()
        if current.endswith(mark):
            return False
        new = secrets.token_hex(_ID_DIGITS // 4) + mark
        connection.execute("UPDATE change_counter SET database = ?", (new,))
        connection.execute("COMMIT")
    return True


def _index(path: Path) -> Path:
    """The path of the log's index, which processes share."""
    return path.with_name(f"{path.name}-shm")


def _identity(path: Path) -> _Identity | None:
    try:
        state = path.stat()
    except FileNotFoundError:
        return None
    return state.st_dev, state.st_ino
