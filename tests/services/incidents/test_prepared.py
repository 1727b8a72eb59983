"""New incidents as rows: the same as those that the session makes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.models import Incident, Lesson, db
from kb.models.base import MAX_INTEGER
from kb.services.accounts.teams import MAIN_TEAM, find_team
from kb.services.core.system_actors import IMPORTER
from kb.services.core.unit_of_work import UnitOfWork, unit_of_work
from kb.services.exchange import jsonl
from kb.services.incidents.adding import NewIncidents
from kb.services.incidents.prepared import PreparedIncidents, can_prepare
from kb.services.operations import bootstrap
from kb.services.taxonomy.lookup import TermLookup
from tests.support import knowledge_bases
from tests.support.incidents import FULL_INCIDENT, HEBREW, incident

Inputs = list[dict[str, Any]]

_TABLES = (
    "incident", "incident_text", "incident_term", "incident_tag", "lesson", "lesson_text", "source",
    "response", "impact", "revision", "review_event",
)  # fmt: skip

_IDS = frozenset({"id", "incident_id", "lesson_id"})
_TIMES = frozenset({"created_at", "updated_at", "published_at", "at"})


@pytest.fixture(autouse=True)
def _inside(any_app: Flask) -> Iterator[None]:
    with any_app.app_context():
        bootstrap.prepare_if_needed()
        yield
        db.session.remove()


def _rows_of_new(write: Callable[[UnitOfWork], None]) -> dict[str, Any]:
    """The rows that a write adds, without what numbers and times tell apart; the write is undone."""
    with unit_of_work() as work:
        before = {name: len(_all(name)) for name in _TABLES}
        write(work)
        db.session.flush()
        rows = {name: [_plain(row) for row in _all(name)[before[name] :]] for name in _TABLES}
        work.discard()
    return rows


def _all(name: str) -> list[Any]:
    table = db.metadata.tables[name]
    return list(db.session.execute(table.select().order_by(*table.primary_key.columns)))


def _plain(row: Any) -> dict[str, Any]:
    values = {key: value for key, value in row._mapping.items() if key not in _IDS}
    if "snapshot" in values:
        values["snapshot"] = json.loads(
            json.dumps(values["snapshot"]), object_hook=lambda found: _without(found, _IDS | _TIMES)
        )
    return {key: value if key not in _TIMES else value is not None for key, value in values.items()}


def _without(found: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if key not in names}


def _through_session(inputs: Inputs) -> dict[str, Any]:
    def write(work: UnitOfWork) -> None:
        terms = TermLookup()
        batch = NewIncidents(work, IMPORTER, find_team(MAIN_TEAM).id, inputs)
        for data in inputs:
            batch.add(data, terms)
        batch.record()

    return _rows_of_new(write)


def _prepared(inputs: Inputs) -> dict[str, Any]:
    def write(work: UnitOfWork) -> None:
        new = PreparedIncidents(IMPORTER, find_team(MAIN_TEAM), work.at, TermLookup(attached=False))
        new.learn_tags(inputs)
        lesson_ids = iter(range(MAX_INTEGER - 1000, MAX_INTEGER))
        for number, data in enumerate(inputs):
            assert can_prepare(data)
            new.add(data, MAX_INTEGER - 1000 + number, lesson_ids)
        new.convert()
        new.insert(work)

    return _rows_of_new(write)


def _checked(*bodies: dict[str, Any]) -> Inputs:
    checked = jsonl.check_lines([json.dumps(body).encode() for body in bodies], MAIN_TEAM)
    assert checked.errors == []
    return [line.data for line in checked.lines]


def test_rows_are_those_that_the_session_makes() -> None:
    translations = {"he": {**HEBREW, "lessons": [{"text": "לקח"}, None]}}
    inputs = _checked(
        {**FULL_INCIDENT, "translations": translations, "status": "published"},
        incident(title="A draft", tags=["Zebra", "zebra", "Apple"], external_id="a", extra={"ticket": 7}),
        incident(title="Another draft", tags=["ZEBRA"], occurred_on=None, lessons=[]),
        incident(title="With front matter", extra={"ticket": "אב-1", "seen": [1, None]}),
    )
    assert _prepared(inputs) == _through_session(inputs)


@given(st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_of_random_incidents_are_those_that_the_session_makes(data: st.DataObject) -> None:
    bodies = [data.draw(knowledge_bases.incidents(number)) for number in range(3)]
    inputs = [each for each in _checked(*bodies) if can_prepare(each)]
    assert _prepared(inputs) == _through_session(inputs)


def test_what_was_inserted_is_stored_with_its_ids() -> None:
    (data,) = _checked(FULL_INCIDENT)
    with unit_of_work() as work:
        new = PreparedIncidents(IMPORTER, find_team(MAIN_TEAM), work.at, TermLookup(attached=False))
        new.add(data, 5000, iter([6000, 6001]))
        new.convert()
        new.insert(work)
    stored = db.session.get_one(Incident, 5000)
    assert stored.original.title == data["title"]
    assert [lesson.id for lesson in stored.lessons] == [6000, 6001]
    assert db.session.get_one(Lesson, 6000).texts["en"].text == data["lessons"][0]["text"]
