"""Connections to PostgreSQL that give up on a server that no longer answers, and that work behind PgBouncer.

A suspended server, or a network that drops packets, sends nothing, so a driver would wait forever. A
statement that has waited for a while probes whether the server still accepts connections. If not, connections
fail fast for a moment, so that requests do not run into a time-out one after the other.
"""

from __future__ import annotations

import threading
import time
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import psycopg

from kb.models.base import LOST_CONNECTION

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

PATIENCE_SECONDS = 2.0
"""How long a statement runs before it probes whether the server still answers."""

RETRY_SECONDS = 1.0
"""How long connections fail fast after a server did not answer."""

_HANGING_SECONDS = 1.0
"""A refusal comes at once. A failure that takes longer than this means no answer."""

_SESSION = {
    "timezone": "UTC",
    **{f"tcp_{name.removeprefix('tcp_')}": f"{value}" for name, value in LOST_CONNECTION.items()},
}
"""The server's settings for a connection. If a client machine is lost in the middle of a transaction, the
server would otherwise keep its locks for two hours, and block all writers."""

_SET_UP = "SELECT pg_backend_pid(), {}".format(
    ", ".join(f"set_config('{name}', '{value}', false)" for name, value in _SESSION.items())
)
"""A statement rather than connection options, which PgBouncer refuses."""


class Gate:
    """A circuit breaker for connections to a server that did not answer a moment ago."""

    def __init__(self) -> None:
        self._closed_until = 0.0
        self._suspected = False
        self._probing = threading.Lock()

    @property
    def is_closed(self) -> bool:
        return time.monotonic() < self._closed_until

    def connect(self, parameters: Mapping[str, Any]) -> Connection:
        """Open a new connection. Raises OperationalError, at once if the server is known not to answer."""
        if self.is_closed:
            raise _no_answer()
        if not self._suspected:
            return self._connect(parameters)
        # Only one thread probes whether the server answers again.
        if not self._probing.acquire(blocking=False):
            raise _no_answer()
        try:
            return self._connect(parameters)
        finally:
            self._probing.release()

    def check(self, parameters: Mapping[str, Any]) -> None:
        """Raise OperationalError unless the server answers, be it by refusing the connection."""
        try:
            self.connect(parameters).close()
        except psycopg.OperationalError:
            if self._suspected:
                raise

    def _connect(self, parameters: Mapping[str, Any]) -> Connection:
        began = time.monotonic()
        try:
            connection = Connection.connect(**parameters)
        except psycopg.OperationalError:
            self._suspected = time.monotonic() - began > _HANGING_SECONDS
            if self._suspected:
                self._closed_until = time.monotonic() + RETRY_SECONDS
            raise
        self._suspected = False
        return connection


class Connection(psycopg.Connection[Any]):
    """A connection whose statements fail if the server stops answering.

    Rolling back never fails.
    """

    gate: Gate | None = None
    parameters: Mapping[str, Any] = MappingProxyType({})

    def rollback(self) -> None:
        """End the transaction. If the connection is lost, the server has already done so: that is no error.

        The next use of the connection raises the error.
        """
        try:
            super().rollback()
        except psycopg.OperationalError:
            self.close()

    def wait(self, gen: Generator[Any, Any, Any], *arguments: Any, **options: Any) -> Any:
        """Wait for an operation of the driver on this connection, as long as the server answers."""
        return super().wait(self._while_answered(gen), *arguments, **options)

    def _while_answered(self, gen: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        began = asked = time.monotonic()
        try:
            state = next(gen)
            while True:
                ready = yield state
                if not ready and self.gate is not None:
                    now = time.monotonic()
                    is_known = self.gate.is_closed and now - began > _HANGING_SECONDS
                    if is_known or now - asked > PATIENCE_SECONDS:
                        self._require_answer(self.gate)
                        asked = time.monotonic()
                state = gen.send(ready)
        except StopIteration as stop:
            return stop.value

    def _require_answer(self, gate: Gate) -> None:
        try:
            gate.check(self.parameters)
        except psycopg.OperationalError:
            self.close()  # so that the pool invalidates it and all older connections
            raise


def connect(parameters: Mapping[str, Any]) -> Connection:
    """Open a connection for SQLAlchemy's pool, in UTC, which the server drops if its client is lost."""
    key = tuple(str(parameters.get(name, "")) for name in ("host", "port", "dbname", "user"))
    gate = _gates.setdefault(key, Gate())
    connection = gate.connect(parameters)
    connection.gate, connection.parameters = gate, parameters
    connection.autocommit = True
    ((process, *_),) = connection.execute(_SET_UP).fetchall()
    connection.autocommit = False
    if process != connection.info.backend_pid:
        # There is a proxy. The next transaction may be on another connection, without prepared statements.
        connection.prepare_threshold = None
    return connection


def is_pooled(connection: psycopg.Connection[Any]) -> bool:
    """Whether a proxy such as PgBouncer gives a connection to several clients in turn."""
    ((process,),) = connection.execute("SELECT pg_backend_pid()").fetchall()
    return bool(process != connection.info.backend_pid)


_gates: dict[tuple[str, ...], Gate] = {}
"""By server, database and role; shared by all engines that connect to them."""


def _no_answer() -> psycopg.OperationalError:
    return psycopg.OperationalError("the server did not answer a moment ago")
