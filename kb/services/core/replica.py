"""Read from a replica of the database, provided that it is as current as the database itself.

A PostgreSQL standby replays the log of its primary. A reader asks the primary for its log position, and waits
briefly until the replica has replayed up to it: the replica then has everything committed before. If it lags
or does not answer, the primary is read. So nobody sees an older state because of the replica.

Only large reads use the replica. Anything that decides a permission, a version or a key is read from the
primary.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from kb.models import db
from kb.models.base import REPLICA
from kb.models.session import BIND
from kb.services.core.change_feed import POSITION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy import Connection, Engine

log = logging.getLogger(__name__)

_Result = TypeVar("_Result")

_PATIENCE_SECONDS = 1.0
"""How long a reader waits for a replica that lags behind."""

_RETRY_SECONDS = 10.0
"""How long a replica is left alone after it could not be read."""

_POLL_SECONDS = 0.01

_COMMITTED = text(
    # A commit is visible once it is flushed, unless `synchronous_commit` is off.
    "SELECT database, seq, CAST(CASE current_setting('synchronous_commit') WHEN 'off' "
    "THEN pg_current_wal_insert_lsn() ELSE pg_current_wal_flush_lsn() END AS text) AS lsn "
    "FROM change_counter"
)
"""The position of the primary in the change feed, and in its log (LSN)."""

_LAG = text(
    "SELECT pg_is_in_recovery() AS repeats, "
    "greatest(pg_wal_lsn_diff(CAST(:lsn AS pg_lsn), pg_last_wal_replay_lsn()), 0) AS size, "
    "CASE WHEN pg_last_wal_replay_lsn() >= CAST(:lsn AS pg_lsn) THEN 0 "
    "ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END AS seconds"
)

_REPLAYED = text(
    "SELECT pg_is_in_recovery() AS repeats, pg_last_wal_replay_lsn() >= CAST(:lsn AS pg_lsn) AS is_there"
)


class Obstacle(StrEnum):
    """Why a replica that answers must not be read."""

    WRITABLE = "it is no replica, but takes writes itself"
    FOREIGN = "it is a replica of another database"
    BEHIND = "it is behind"


class Fallback(StrEnum):
    """Why the primary was read instead of a replica, as a label of metrics."""

    WRITABLE = "writable"
    FOREIGN = "foreign"
    BEHIND = "behind"
    UNREACHABLE = "unreachable"
    LEFT_ALONE = "left_alone"
    BROKEN_OFF = "broken_off"


class Reads(NamedTuple):
    """How often this process read a replica, and how often it fell back to the primary, by reason."""

    on_replica: int
    fallbacks: Mapping[Fallback, int]


class Lag(NamedTuple):
    """How far a replica is behind: bytes of the log, and the age of its last transaction if it lacks any.

    `seconds` is None if the replica has replayed no transaction since it started.
    """

    size: int
    seconds: float | None


class UnusableReplicaError(Exception):
    """The replica cannot be read now."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(obstacle.value)
        self.obstacle = obstacle


class _Health:
    """The state of a replica, as far as this process knows."""

    def __init__(self) -> None:
        self._is_suspended = False
        self._retry_at = 0.0
        self.reads = 0
        self.fallbacks: Counter[Fallback] = Counter()

    @property
    def is_due(self) -> bool:
        return time.monotonic() >= self._retry_at

    def suspend(self, reason: Exception) -> None:
        """Stop using the replica for a while; log this when it begins."""
        self._retry_at = time.monotonic() + _RETRY_SECONDS
        if not self._is_suspended:
            cause = reason.orig if isinstance(reason, DBAPIError) else reason
            log.warning("The replica is not read, but the database itself: %s", " ".join(str(cause).split()))
        self._is_suspended = True

    def resume(self) -> None:
        """Count a read of the replica; log it if the replica was out of use before."""
        self.reads += 1
        if self._is_suspended:
            log.info("The replica is read again.")
        self._is_suspended = False


_healths: WeakKeyDictionary[Engine, _Health] = WeakKeyDictionary()


@contextmanager
def session_on_replica() -> Iterator[Connection | None]:
    """Let the session read a snapshot of the replica in the block, with everything committed before it.

    Yields the connection; None, with the session on the primary, if no replica is usable. The caller must
    handle errors of the replica in the block.
    """
    engine = db.engines.get(REPLICA)
    if engine is None:
        yield None
        return
    session = db.session()
    session.rollback()  # return its connection to the pool
    connection = _connect_if_possible(engine)
    if connection is None:
        yield None
        return
    session.info[BIND] = connection
    try:
        yield connection
    except DBAPIError as error:
        health = _health_of(engine)
        health.suspend(error)
        health.fallbacks[Fallback.BROKEN_OFF] += 1
        raise
    finally:
        session.info.pop(BIND)
        session.rollback()
        connection.close()


def prefer_replica(read: Callable[[Connection | None], _Result]) -> _Result:
    """Call a function that reads in `session_on_replica`. If the replica fails, call it again without."""
    connection = None
    try:
        with session_on_replica() as connection:
            return read(connection)
    except DBAPIError:
        if connection is None:
            raise
    return read(None)


def connect(engine: Engine) -> Connection:
    """Connect to a replica, in a transaction that sees everything committed before the call.

    Raises SQLAlchemyError if it cannot be read, UnusableReplicaError if it must not be.
    """
    with db.engine.connect() as primary:
        committed = primary.execute(_COMMITTED).one()
    connection = engine.connect()
    try:
        _wait_for(connection, committed.lsn)
        _begin(connection, committed.database, committed.seq)
    except BaseException:
        connection.close()
        raise
    return connection


def reads() -> Reads | None:
    """How often the replica was read; None if there is no replica."""
    engine = db.engines.get(REPLICA)
    if engine is None:
        return None
    health = _health_of(engine)
    return Reads(health.reads, {reason: health.fallbacks[reason] for reason in Fallback})


def lag() -> Lag | None:
    """How far the replica lags now; None if it is out of use, cannot be asked, or must not be read."""
    engine = db.engines[REPLICA]
    if not _health_of(engine).is_due:
        return None
    with db.engine.connect() as primary:
        committed = primary.execute(_COMMITTED).one()
    try:
        with engine.connect() as connection:
            seen = connection.execute(POSITION).one()
            repeats, size, seconds = connection.execute(_LAG, {"lsn": committed.lsn}).one()
    except SQLAlchemyError:
        return None
    if not repeats or seen.database != committed.database:
        return None
    return Lag(int(size), None if seconds is None else max(0.0, float(seconds)))


def _fallback_for(error: Exception) -> Fallback:
    return Fallback[error.obstacle.name] if isinstance(error, UnusableReplicaError) else Fallback.UNREACHABLE


def _connect_if_possible(engine: Engine) -> Connection | None:
    """Connect to a replica as `connect` does; None, logged once, while that fails."""
    health = _health_of(engine)
    if not health.is_due:
        health.fallbacks[Fallback.LEFT_ALONE] += 1
        return None
    try:
        connection = connect(engine)
    except (SQLAlchemyError, UnusableReplicaError) as error:
        health.suspend(error)
        health.fallbacks[_fallback_for(error)] += 1
        return None
    health.resume()
    return connection


def _wait_for(connection: Connection, lsn: str) -> None:
    """Wait briefly until the replica has replayed the log up to a position. Raises UnusableReplicaError."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        repeats, is_there = connection.execute(_REPLAYED, {"lsn": lsn}).one()
        connection.rollback()  # its snapshot may be older than the replayed log
        if not repeats:
            raise UnusableReplicaError(Obstacle.WRITABLE)
        if is_there:
            return
        if time.monotonic() > deadline:
            raise UnusableReplicaError(Obstacle.BEHIND)
        time.sleep(_POLL_SECONDS)


def _begin(connection: Connection, database: str, seq: int) -> None:
    """Begin a transaction that sees a change of a database. Raises UnusableReplicaError for another one."""
    seen = connection.execute(POSITION).one()
    if seen.database != database or seen.seq < seq:
        raise UnusableReplicaError(Obstacle.FOREIGN)


def _health_of(engine: Engine) -> _Health:
    return _healths.setdefault(engine, _Health())
