"""The base of all models: metadata, base class, column types, and the setup of connections."""

from __future__ import annotations

import importlib
import sqlite3
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Dialect, Engine, MetaData, String, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from kb.models import database_file, write_log
from kb.models.driver import execute_by_driver
from kb.models.session import RoutedSession, scope_of_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Table
    from sqlalchemy.pool import ConnectionPoolEntry

    from kb.models.write_log import WriteLog

WRITE = {"kb_write": True}
"""Execution options of a writing transaction, which takes SQLite's write lock when it begins."""

WRITE_AND_SYNC_LATER = {**WRITE, "kb_syncs_later": True}
"""Like WRITE, for callers that sync SQLite's log (`kb/models/write_log.py`) after the commit, before anything
depends on it. Only `unit_of_work` does."""

_BEGINS_LATER = "kb_begins_later"

WRITE_LATER = {**WRITE_AND_SYNC_LATER, _BEGINS_LATER: True}
"""Like WRITE_AND_SYNC_LATER, for a caller that calls `begin_on_sqlite`: SQLAlchemy's part is done before."""

WRITE_ON_POSTGRES = {**WRITE, "isolation_level": "READ COMMITTED"}
"""Execution options of a writing transaction on PostgreSQL. It sees others' commits and waits for their
locks; at REPEATABLE READ it would fail instead."""

MAX_INTEGER = 2**31 - 1
"""The largest number that an INTEGER column can hold, or be compared with, on every database."""

MAX_LISTED_VALUES = 10_000
"""The most values that a statement lists. PostgreSQL takes 65,535 parameters."""

POOL_SIZE = 40
"""Connections per process; more than its concurrent requests."""

BUSY_MILLISECONDS = 5_000
"""How long a transaction on SQLite waits for another writer."""

SYNCHRONOUS = "FULL"
"""SQLite's `synchronous` mode: a committed transaction is on disk."""

SYNCHRONOUS_LATER = "NORMAL"
"""The mode for callers that sync the log afterwards: a power cut may lose the last transactions."""

_LATER = "kb_syncs_later"
"""The option, and the key in a connection's `info`, of `WRITE_AND_SYNC_LATER`."""

CONNECT_SECONDS = 3
"""How long PostgreSQL may take to accept a connection, unless the URL sets `connect_timeout`."""

LOST_CONNECTION = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""When PostgreSQL and its clients give up a silent connection, under libpq's parameter names. The timeout is
in milliseconds, the others in seconds."""


REPLICA = "replica"
"""The name of the engine for a replica of the database, if there is one."""

REPLICA_POOL_SIZE = 5
"""Connections per process to a replica: one for each concurrent export, and one for derived data."""


def replica_binds(url: str) -> dict[str, dict[str, Any]]:
    """Flask-SQLAlchemy's binds: one for the replica, if it has a URL."""
    return {REPLICA: {"url": url, **engine_options(url), "pool_size": REPLICA_POOL_SIZE}} if url else {}


def engine_options(url: str) -> dict[str, Any]:
    """SQLAlchemy's engine options for a database. A reading transaction sees one snapshot of it."""
    options: dict[str, Any] = {
        "pool_size": POOL_SIZE,
        "max_overflow": 0,
        "pool_timeout": 5,
        # Last in, first out, so that connections that only a peak needed stay small: used in turn, each would
        # fill its own page cache.
        "pool_use_lifo": True,
        # Parameters contain incidents and personal data, which do not belong in a log.
        "hide_parameters": True,
    }
    if not url.startswith("sqlite"):
        arguments: dict[str, Any] = dict(LOST_CONNECTION)
        if "connect_timeout=" not in url:
            arguments["connect_timeout"] = CONNECT_SECONDS
        options |= {
            "pool_pre_ping": True,
            "isolation_level": "REPEATABLE READ",
            "connect_args": arguments,
        }
    return options


class Base(DeclarativeBase):
    """The declarative base. Constraints get predictable names that migrations can refer to."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base, session_options={"class_": RoutedSession, "scopefunc": scope_of_session})


def close_connections() -> None:
    """Close the idle connections of the running application; new ones are opened when needed."""
    for engine in db.engines.values():
        engine.dispose()


if TYPE_CHECKING:

    class Model(Base):
        """The base of all models, in a form that type checkers understand."""

        __abstract__ = True
        __table__: ClassVar[Table]
else:
    Model = db.Model


class UTCDateTime(TypeDecorator[datetime]):
    """A datetime in UTC, timezone-aware in Python. SQLite, which has no time zones, stores it naive."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class EnumText(TypeDecorator[StrEnum]):
    """A StrEnum stored as its value, which is readable in SQL; a new member needs no migration."""

    impl = String(40)
    cache_ok = True

    def __init__(self, enum: type[StrEnum]) -> None:
        super().__init__()
        self.enum = enum

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else self.enum(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:  # noqa: ARG002
        return None if value is None else self.enum(value)


def utc_now() -> datetime:
    """The current time in UTC, to the microsecond."""
    return datetime.now(UTC)


@event.listens_for(Engine, "connect")
def _set_up_sqlite(connection: Any, record: ConnectionPoolEntry) -> None:
    """Make SQLite durable, concurrent and strict about foreign keys."""
    if not isinstance(connection, sqlite3.Connection):
        return
    # Disables the driver's implicit transactions: _begin below begins them explicitly.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
    ((mode,),) = connection.execute("PRAGMA journal_mode = WAL").fetchall()
    connection.execute(f"PRAGMA synchronous = {SYNCHRONOUS}")
    connection.execute("PRAGMA foreign_keys = ON")
    path = database_file.remember(record)
    if path is not None and mode == "wal":
        write_log.note(record.info, path)


@event.listens_for(Engine, "do_connect")
def _connect_to_postgres(dialect: Dialect, _record: object, _arguments: object, parameters: Any) -> Any:
    """Connect to PostgreSQL, importing the driver only if needed. For SQLite, leave it to SQLAlchemy."""
    if dialect.name != "postgresql":
        return None
    return importlib.import_module("kb.models.postgres_connections").connect(parameters)


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    """Begin a transaction on SQLite, unless its caller does."""
    if connection.dialect.name == "sqlite" and _BEGINS_LATER not in connection.get_execution_options():
        begin_on_sqlite(connection)


def begin_on_sqlite(connection: Connection, wait: int = BUSY_MILLISECONDS) -> None:
    """Begin a transaction on SQLite, as its execution options say. A writer takes the write lock at once,
    because upgrading a reader's lock fails immediately under load.

    It waits at most `wait` milliseconds for other writers. Raises DBAPIError.
    """
    options = connection.get_execution_options()
    log = write_log.log_of(connection.info)
    syncs_later = log is not None and _LATER in options
    if connection.info.get(_LATER, False) != syncs_later:
        way = SYNCHRONOUS_LATER if syncs_later else SYNCHRONOUS
        execute_by_driver(connection, f"PRAGMA synchronous = {way}")
        connection.info[_LATER] = syncs_later
    with _busy_timeout(connection, wait):
        execute_by_driver(connection, "BEGIN IMMEDIATE" if options.get("kb_write") else "BEGIN")
    if log is not None and not syncs_later:
        _sync_before_reading(connection, log, has_lock="kb_write" in options)


def _sync_before_reading(connection: Connection, log: WriteLog, *, has_lock: bool) -> None:
    """Make sure that a transaction sees only commits that would survive a power cut."""
    try:
        # In SQLite, the first statement fixes the snapshot of a transaction.
        execute_by_driver(connection, "SELECT 1 FROM sqlite_schema LIMIT 1")
        log.sync(has_lock=has_lock)
    except sqlite3.Error as error:
        connection.connection.rollback()
        raise DBAPIError.instance(
            "BEGIN", None, error, sqlite3.Error, hide_parameters=True, dialect=connection.dialect
        ) from error
    except BaseException:
        connection.connection.rollback()
        raise


@event.listens_for(Engine, "commit")
def _before_commit(connection: Connection) -> None:
    """Tell other readers that the data they see from now on may not be on disk yet."""
    if connection.info.get(_LATER) and (log := write_log.log_of(connection.info)) is not None:
        driver = connection.connection.driver_connection
        if driver is not None and driver.in_transaction:  # not committed by the driver already
            log.begin_commit()


def commit_on_sqlite(connection: Connection) -> None:
    """Commit on SQLite, so that others need not wait until SQLAlchemy has ended the transaction as well.

    Does nothing on PostgreSQL. Raises DBAPIError.
    """
    if connection.dialect.name == "sqlite":
        _before_commit(connection)
        execute_by_driver(connection, "COMMIT")


@contextmanager
def _busy_timeout(connection: Connection, milliseconds: int) -> Iterator[None]:
    """Let a connection to SQLite wait this long for other writers."""
    if milliseconds == BUSY_MILLISECONDS:
        yield
        return
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {milliseconds}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
