"""Two machines on one PostgreSQL database, each with a data folder and an index of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from kb.config import Settings
from kb.models import db
from kb.services.core import change_feed
from kb.services.infrastructure.runtime import engine
from kb.services.search import other_machines, sync
from tests.support.api import callers, running
from tests.support.waiting import PATIENCE, eventually


@pytest.fixture
def machines(postgres_settings: Settings, tmp_path: Path) -> Iterator[tuple[Flask, Flask]]:
    """The application on two machines."""
    for first in running(postgres_settings):
        for second in running(replace(postgres_settings, data_dir=tmp_path / "second")):
            with second.app_context():
                sync.ensure_current(timeout=PATIENCE)
                db.session.remove()
            yield first, second


@contextmanager
def following(app: Flask) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=other_machines.follow, args=(app, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE)


def _is_current(app: Flask) -> bool:
    with app.app_context():
        return engine().position() == change_feed.position()


def _connections(app: Flask, do: str) -> int:
    """How many connections of the database listen; `do` is what to do with them."""
    listening = "starts_with(query, 'LISTEN') AND datname = current_database()"
    with app.app_context(), db.engine.connect() as connection:
        return len(connection.execute(text(f"SELECT {do} FROM pg_stat_activity WHERE {listening}")).all())


def test_what_one_machine_writes_is_in_the_index_of_the_other_without_a_search(
    machines: tuple[Flask, Flask],
) -> None:
    first, second = machines
    with following(second):
        eventually(lambda: _connections(first, "pid") == 1)
        callers(first)("contributor").file(title="Zebra crossing")
        eventually(lambda: _is_current(second))
    found = callers(second)("contributor").get("/search", q="zebra", status="draft").get_json()
    assert found["total"] == 1


def test_where_notifications_are_lost_it_looks_by_itself(
    machines: tuple[Flask, Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = machines
    monkeypatch.setattr(other_machines, "CHANNEL", "nobody_notifies_this")
    with following(second):
        callers(first)("contributor").file(title="Zebra crossing")
        eventually(lambda: _is_current(second))


def test_a_connection_that_breaks_is_made_again(machines: tuple[Flask, Flask]) -> None:
    first, second = machines
    with following(second):
        eventually(lambda: _connections(first, "pid") == 1)
        assert _connections(first, "pg_terminate_backend(pid)") == 1
        callers(first)("contributor").file(title="Zebra crossing")
        eventually(lambda: _is_current(second))
        eventually(lambda: _connections(first, "pid") == 1)


def test_one_process_of_a_machine_follows_at_a_time(machines: tuple[Flask, Flask]) -> None:
    first, second = machines
    with following(second):
        eventually(lambda: _connections(first, "pid") == 1)
        with following(second):
            callers(first)("contributor").file(title="Zebra crossing")
            eventually(lambda: _is_current(second))
            assert _connections(first, "pid") == 1
