"""A process that is stopped while it has the counter of changes on PostgreSQL, as by a machine that hangs."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select

from kb.config import Settings
from kb.domain.incident import Operation
from kb.errors import Unavailable
from kb.models import Change, Incident, db
from kb.services.core import unit_of_work as units
from kb.services.core.unit_of_work import unit_of_work
from tests.support.api import running
from tests.support.waiting import PATIENCE


@pytest.fixture
def app(postgres_settings: Settings) -> Iterator[Flask]:
    yield from running(postgres_settings)


def _announce() -> int:
    """Write a change; its number."""
    with unit_of_work() as work:
        incident = db.session.scalars(select(Incident)).first()
        assert incident is not None
        work.announce(incident.id, incident.team_id, operation=Operation.UPDATED, version=2, public=True)
    return work.seq


def test_others_write_after_a_while_and_nothing_of_the_stopped_write_is_stored(
    app: Flask, postgres_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers: list[int] = []

    def others() -> None:
        with psycopg.connect(postgres_settings.database_url) as connection:
            connection.execute(f"SET lock_timeout = '{PATIENCE:.0f}s'")
            row = connection.execute("UPDATE change_counter SET seq = seq RETURNING seq").fetchone()
            assert row is not None
            numbers.append(row[0])

    commit = db.session.commit

    def stop_before() -> None:
        thread = threading.Thread(target=others)
        thread.start()
        thread.join()
        commit()

    with app.app_context():
        before = _announce()
        with monkeypatch.context() as patch:
            patch.setattr(units, "IDLE_SECONDS", 0.5)
            patch.setattr(db.session, "commit", stop_before)
            with pytest.raises(Unavailable):
                _announce()
        assert numbers == [before]
        assert _announce() == before + 1
        assert [*db.session.scalars(select(Change.seq).where(Change.seq >= before).order_by(Change.seq))] == [
            before,
            before + 1,
        ]
        db.session.remove()
