"""A server that does not answer is asked once, and not by everybody."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from kb.config import Settings
from kb.models import db, postgres_connections
from kb.models.postgres_connections import Gate
from tests.support.api import running


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A server that accepts connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        yield server


def _try(gate: Gate, port: int) -> None:
    with pytest.raises(psycopg.OperationalError):
        gate.connect({"host": "127.0.0.1", "port": port, "connect_timeout": 2})


def _connections(server: socket.socket) -> int:
    count = 0
    while True:
        try:
            server.accept()[0].close()
        except BlockingIOError:
            return count
        count += 1


def test_after_a_silence_nobody_tries_for_a_moment(
    silent: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_connections, "RETRY_SECONDS", 600)
    gate = Gate()
    port = silent.getsockname()[1]
    for _ in range(5):
        _try(gate, port)
    assert gate.is_closed
    assert _connections(silent) == 1


def test_a_refusal_closes_nothing_since_it_comes_at_once(silent: socket.socket) -> None:
    gate = Gate()
    port = silent.getsockname()[1]
    silent.close()
    _try(gate, port)
    assert not gate.is_closed
    gate.check({"host": "127.0.0.1", "port": port})


def test_while_one_asks_whether_a_server_answers_again_the_others_are_refused_at_once(
    silent: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_connections, "RETRY_SECONDS", 0)
    gate, port = Gate(), silent.getsockname()[1]
    _try(gate, port)
    assert not gate.is_closed
    _connections(silent)
    with gate._probing:
        _try(gate, port)
    assert _connections(silent) == 0
    _try(gate, port)
    assert _connections(silent) == 1
    with pytest.raises(psycopg.OperationalError):
        gate.check({"host": "127.0.0.1", "port": port, "connect_timeout": 2})


def test_a_server_that_answers_again_is_no_longer_suspected(
    silent: socket.socket, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_connections, "RETRY_SECONDS", 0)
    gate = Gate()
    _try(gate, silent.getsockname()[1])
    parameters = {**psycopg.conninfo.conninfo_to_dict(postgres), "dbname": "postgres"}
    for _ in range(2):  # the second time, nobody has to wait for another
        gate.connect(parameters).close()
    gate.check(parameters)
    with gate._probing:
        gate.connect(parameters).close()


@pytest.fixture
def postgres_app(postgres_settings: Settings) -> Iterator[Flask]:
    """The application on PostgreSQL."""
    yield from running(postgres_settings)


def test_a_request_ends_without_an_error_when_its_connection_was_lost_meanwhile(postgres_app: Flask) -> None:
    with postgres_app.app_context():
        process = db.session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with db.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:process)"), {"process": process})
    with postgres_app.app_context():
        assert db.session.execute(text("SELECT 1")).scalar_one() == 1
