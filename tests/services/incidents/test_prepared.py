"""New incidents as rows: the same as those that the session makes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from kb.domain.permissions import Actor, Role
from kb.errors import Conflict
from kb.models import Incident, Lesson, Revision, db
from kb.models.base import MAX_INTEGER
from kb.services.accounts.teams import MAIN_TEAM, find_team
from kb.services.core.presenters import snapshot
from kb.services.core.system_actors import IMPORTER
from kb.services.core.unit_of_work import UnitOfWork, unit_of_work
from kb.services.incidents.filing.adding import NewIncidents, add_incident
from kb.services.incidents.filing.prepared import PreparedIncident, PreparedIncidents, can_prepare
from kb.services.taxonomy.lookup import TermLookup
from tests.support import knowledge_bases
from tests.support.imports import check_lines
from tests.support.incidents import FULL_INCIDENT, HEBREW, incident

pytestmark = pytest.mark.usefixtures("inside_any_app")

Inputs = list[dict[str, Any]]

_TABLES = (
    "incident", "incident_text", "incident_term", "incident_tag", "lesson", "lesson_text", "source",
    "response", "impact", "revision", "review_event", "audit_entry",
)  # fmt: skip

_IDS = frozenset({"id", "incident_id", "lesson_id"})
_TIMES = frozenset({"created_at", "updated_at", "published_at", "at"})


def _rows_of_new(write: Callable[[UnitOfWork], object]) -> dict[str, Any]:
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


def _one_by_one(inputs: Inputs) -> dict[str, Any]:
    def write(work: UnitOfWork) -> None:
        for data in inputs:
            _new(data).store(work)

    return _rows_of_new(write)


def _new(data: dict[str, Any], actor: Actor = IMPORTER) -> PreparedIncident:
    return PreparedIncident(actor, find_team(MAIN_TEAM), data, TermLookup(attached=False))


def _checked(*bodies: dict[str, Any]) -> Inputs:
    checked = check_lines([json.dumps(body).encode() for body in bodies], MAIN_TEAM)
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
    assert _prepared(inputs) == _one_by_one(inputs) == _through_session(inputs)


@pytest.mark.slow
@given(st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_of_random_incidents_are_those_that_the_session_makes(data: st.DataObject) -> None:
    bodies = [data.draw(knowledge_bases.incidents(number)) for number in range(3)]
    inputs = [each for each in _checked(*bodies) if can_prepare(each)]
    assert _prepared(inputs) == _one_by_one(inputs) == _through_session(inputs)


def test_the_first_revision_shows_the_incident_as_it_is_stored() -> None:
    translations = {"he": {**HEBREW, "lessons": [{"text": "לקח"}, None]}}
    (data,) = _checked({**FULL_INCIDENT, "translations": translations, "status": "published"})
    new = _new({**data, "slug": None})
    with unit_of_work() as work:
        new.store(work)
    stored = db.session.scalars(select(Incident).where(Incident.id == new.incident.id)).one()
    (revision,) = db.session.scalars(select(Revision).where(Revision.incident_id == stored.id))
    assert json.loads(json.dumps(revision.snapshot)) == json.loads(json.dumps(snapshot(stored)))


def test_incidents_of_one_title_get_the_slugs_that_the_session_gives_them() -> None:
    inputs = [
        {**data, "slug": None, "tags": ["Zebra"]} for data in _checked(*[incident(tags=["zebra"])] * 12)
    ]
    stored = _one_by_one(inputs)
    assert stored == _through_session(inputs)
    slugs = [row["slug"] for row in stored["incident"]]
    assert slugs == [slugs[0], *(f"{slugs[0]}-{number}" for number in range(2, 13))]


def test_what_was_published_in_spite_of_concerns_is_logged_as_by_the_session() -> None:
    (data,) = _checked({**FULL_INCIDENT, "summary": "Write to dana.levi@example.org."})
    data |= {"slug": None, "status": "published", "acknowledge": ["contact_data"]}
    reviewer = Actor(
        name="Rae", role=Role.SIGNED_IN, roles={find_team(MAIN_TEAM).id: Role.REVIEWER}, user_id=1
    )
    through_session = _rows_of_new(
        lambda work: add_incident(work, reviewer, data, TermLookup(), find_team(MAIN_TEAM).id)
    )
    assert len(through_session["audit_entry"]) == len(through_session["review_event"]) == 1
    assert _rows_of_new(_new(data, reviewer).store) == through_session
    refused = _new({**data, "acknowledge": []}, reviewer)
    with pytest.raises(Conflict, match="Readers would see this"), unit_of_work() as work:
        refused.store(work)


def test_ids_go_on_from_the_last_ones_also_after_one_that_was_not_kept() -> None:
    (data,) = _checked(incident(lessons=[{"text": "Proofread."}, {"text": "Sign off."}]))
    data["slug"] = None
    first, second = _new(data), _new(data)
    with unit_of_work() as work:
        first.store(work)
    with unit_of_work() as work:
        _new(data).store(work)
        work.discard()
    with unit_of_work() as work:
        second.store(work)
    gap = 0 if db.engine.dialect.name == "sqlite" else 1
    first_id = first.incident.id
    assert first_id is not None
    assert second.incident.id == first_id + 1 + gap
    lessons = [lesson.id for lesson in first.incident.lessons + second.incident.lessons]
    assert lessons == sorted({*lessons})
    with unit_of_work() as work:
        third = add_incident(work, IMPORTER, data, TermLookup(), find_team(MAIN_TEAM).id)
        assert third.id == second.incident.id + 1


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
