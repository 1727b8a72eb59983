"""The row of an incident is updated in one statement, with the same result as by a flush of the session."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect, text
from sqlalchemy.orm.exc import StaleDataError

from kb.domain.dates import DatePrecision
from kb.domain.incident import Confidence, Status
from kb.domain.text import title_key
from kb.models import Incident, Source, db
from kb.models.versioned_update import update_row
from kb.services.core.unit_of_work import unit_of_work
from tests.support.api import Api
from tests.support.incidents import FULL_INCIDENT

_VALUES: dict[str, Any] = {
    "slug": "another-slug",
    "extra": {"column": ["שלום", 1.5, None]},
    "status": Status.PUBLISHED,
    "organization": "Another organization",
    "occurred_on": date(2021, 3, 1),
    "occurred_until": date(2021, 3, 31),
    "occurred_precision": DatePrecision.MONTH,
    "posted_at": datetime(2021, 3, 2, 10, 30, 0, 5, tzinfo=UTC),
    "removed_at": None,
    "severity": None,
    "confidence": Confidence.LOW,
    "published_at": datetime(2021, 3, 4, tzinfo=UTC),
}


@pytest.fixture
def incident_id(app: Flask, as_role: Callable[..., Api]) -> int:
    number: int = as_role("site_admin").file(**FULL_INCIDENT)["id"]
    return number


@pytest.fixture(autouse=True)
def _context(app: Flask) -> Any:
    with app.app_context():
        yield
        db.session.remove()


def _change(incident_id: int) -> Incident:
    incident = db.session.get_one(Incident, incident_id)
    for name, value in _VALUES.items():
        setattr(incident, name, value)
    return incident


def _row(incident_id: int) -> dict[str, Any]:
    statement = text("SELECT * FROM incident WHERE id = :id")
    return dict(db.session.execute(statement, {"id": incident_id}).mappings().one())


def test_one_statement_stores_what_a_flush_stores(incident_id: int) -> None:
    with unit_of_work() as work:
        _change(incident_id)
        db.session.flush()
        flushed = _row(incident_id)
        work.discard()
    with unit_of_work() as work:
        incident = _change(incident_id)
        assert update_row(incident)
        assert not db.session.dirty
        assert _row(incident_id) == flushed
        assert {name: getattr(incident, name) for name in _VALUES} == _VALUES
        work.discard()
    assert flushed["version"] == 2
    assert db.session.get_one(Incident, incident_id).version == 1


def test_a_text_is_updated_alone_and_keeps_what_titles_are_sorted_by(incident_id: int) -> None:
    with unit_of_work():
        incident = db.session.get_one(Incident, incident_id)
        incident.original.title, incident.original.cause = "Éclair", "סיבה"
        assert update_row(incident.original)
        assert not db.session.dirty
    stored = db.session.get_one(Incident, incident_id)
    assert (stored.original.title, stored.original.cause) == ("Éclair", "סיבה")
    assert stored.original.title_key == title_key("Éclair")
    assert stored.version == 1


def test_what_is_changed_afterwards_is_stored_as_well(incident_id: int) -> None:
    with unit_of_work():
        incident = _change(incident_id)
        update_row(incident)
        incident.severity = 4
        incident.sources = [Source(position=0, title="One", kind="news")]
        db.session.flush()
    stored = db.session.get_one(Incident, incident_id)
    assert (stored.severity, [source.title for source in stored.sources]) == (4, ["One"])
    assert stored.version == 3


def test_another_version_than_that_which_was_loaded_is_not_overwritten(incident_id: int) -> None:
    other = text("UPDATE incident SET version = 7 WHERE id = :id")
    with unit_of_work() as work, db.session.no_autoflush:
        incident = _change(incident_id)
        db.session.connection().execute(other, {"id": incident_id})
        before = _row(incident_id)
        with pytest.raises(StaleDataError):
            update_row(incident)
        assert _row(incident_id) == before
        work.discard()


def test_rows_that_were_added_are_left_to_a_flush(incident_id: int) -> None:
    with unit_of_work() as work:
        incident = _change(incident_id)
        incident.sources = [Source(position=0, title="One", kind="news")]
        assert not update_row(incident)
        assert inspect(incident).modified
        work.discard()
