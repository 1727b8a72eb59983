"""What a change writes is found before the transaction, and is the same as what the session would write."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from kb.domain.incident import Operation
from kb.domain.workflow import OPERATIONS, Step
from kb.errors import InvalidInput
from kb.models import Incident, db
from kb.services.accounts.teams import MAIN_TEAM, find_team
from kb.services.core.presenters import snapshot
from kb.services.core.row_locks import lock_incidents
from kb.services.core.staged_changes import StagedChanges, load_detached, versions_of
from kb.services.core.system_actors import IMPORTER
from kb.services.core.unit_of_work import UnitOfWork, unit_of_work
from kb.services.incidents.filing.adding import add_incident
from kb.services.incidents.filing.upsert import update_stored
from kb.services.review.steps import take_step
from kb.services.taxonomy.lookup import TermLookup
from tests.support import knowledge_bases
from tests.support.imports import check_lines
from tests.support.incidents import FULL_INCIDENT, HEBREW, incident, lesson_guard
from tests.support.transactions import executed_statements

pytestmark = pytest.mark.usefixtures("inside_any_app")

Input = dict[str, Any]
Change = Callable[[UnitOfWork, Incident], object]

_TABLES = (
    "incident", "incident_text", "incident_term", "incident_tag", "lesson", "lesson_text", "source",
    "response", "impact", "revision", "review_event", "audit_entry", "change",
)  # fmt: skip

_TIMES = frozenset({"created_at", "updated_at", "published_at", "at"})

_NUMBERED = frozenset({"lesson", "source", "response", "impact", "revision", "review_event", "audit_entry"})
"""Tables whose ids may differ: other ones are free meanwhile."""

_numbers = count()


def _checked(**body: Any) -> Input:
    """The input of an import, as it is checked."""
    checked = check_lines([json.dumps(body).encode()], MAIN_TEAM)
    assert checked.errors == []
    data: Input = checked.lines[0].data
    return data


def _filed(data: Input) -> int:
    """The id of a new incident that a transaction stores."""
    with unit_of_work() as work:
        return add_incident(work, IMPORTER, data, TermLookup(), find_team(MAIN_TEAM).id).id


def _updating(data: Input) -> Change:
    data = {name: value for name, value in data.items() if name != "slug"}

    def update(work: UnitOfWork, target: Incident) -> bool:
        terms = TermLookup(attached=target in db.session)
        return update_stored(work, IMPORTER, target, data, terms)

    return update


def _through_session(incident_id: int, change: Change) -> dict[str, Any]:
    """The rows after a change by the session, which is undone."""
    with unit_of_work() as work:
        change(work, db.session.get_one(Incident, incident_id))
        work.number_changes()
        rows = _rows()
        work.discard()
    return rows


def _staged(incident_id: int, change: Change) -> dict[str, Any]:
    """The rows after a change that is made before the transaction; it is undone."""
    changes = StagedChanges()
    (loaded,) = load_detached([incident_id])
    changes.add(loaded, lambda work: change(work, loaded))
    changes.number_lessons()
    with unit_of_work() as work:
        lock_incidents([incident_id])
        changes.execute(work, [incident_id])
        work.number_changes()
        rows = _rows()
        work.discard()
    return rows


def _rows() -> dict[str, Any]:
    rows = {}
    for name in _TABLES:
        table = db.metadata.tables[name]
        found = db.session.connection().execute(table.select().order_by(*table.primary_key.columns))
        rows[name] = sorted((_plain(name, dict(row._mapping)) for row in found), key=repr)
    return rows


def _plain(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """A row without what numbers and times tell apart."""
    left_out = _TIMES | ({"id"} if table in _NUMBERED else set()) | ({"lesson_id"} & row.keys())
    values = {name: value for name, value in row.items() if name not in left_out}
    if "snapshot" in values:
        found = json.loads(json.dumps(values["snapshot"]))
        for texts in (found, *found["translations"].values()):
            texts["lessons"] = [{**each, "id": None} for each in texts["lessons"]]
        values["snapshot"] = {name: value for name, value in found.items() if name not in _TIMES}
    return values


_CHANGES: dict[str, Input] = {
    "facts": {"severity": 5, "confidence": "low", "occurred_on": "2018-03", "extra": {"ticket": 1}},
    "texts": {"title": "Another title", "cause": "סיבה אחרת", "translations": {"he": HEBREW}},
    "a translation": {"translations": {"fr": {**HEBREW, "title": "Un titre"}}},
    "lessons": {"lessons": [{"text": "A new one.", "guard": lesson_guard()}, {"text": "Another new one."}]},
    "no lesson but one": {"lessons": [{"text": "One."}], "translations": {"he": {**HEBREW, "lessons": []}}},
    "evidence": {
        "sources": [{"title": "Another paper", "url": "https://example.org/another"}],
        "impacts": [{"kind": "revenue", "amount": 0.1, "currency": "ILS"}],
        "responses": [{"kind": "apologized"}],
    },
    "no evidence": {"sources": [], "impacts": [], "responses": [], "tags": []},
    "terms and tags": {"category": "offensive", "platforms": ["facebook"], "tags": ["Zebra", "apple"]},
    "visibility": {"visibility": "organization"},
    "nothing": {},
}


@pytest.mark.parametrize("name", _CHANGES)
def test_rows_are_those_that_the_session_writes(name: str) -> None:
    first = {**FULL_INCIDENT, "external_id": "a", "status": "published"}
    incident_id = _filed(_checked(**first))
    change = _updating(_checked(**{**first, **_CHANGES[name]}))
    rows = _through_session(incident_id, change)
    assert _staged(incident_id, change) == rows
    assert (_rows() == rows) == (name == "nothing")


@pytest.mark.parametrize("status", ["draft", "in_review", "published"])
def test_rows_of_a_draft_are_those_that_the_session_writes_with_another_slug_and_a_step(status: str) -> None:
    first = {**FULL_INCIDENT, "external_id": "a", "status": "draft"}
    first.pop("slug", None)
    incident_id = _filed(_checked(**first))
    change = _updating(_checked(**{**first, **_CHANGES["texts"], "status": status}))
    rows = _through_session(incident_id, change)
    assert _staged(incident_id, change) == rows
    (row,) = (row for row in rows["incident"] if row["id"] == incident_id)
    assert row["slug"].endswith("another-title")
    assert row["status"] == status


@pytest.mark.slow
@given(st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_of_random_changes_are_those_that_the_session_writes(data: st.DataObject) -> None:
    name = f"random {next(_numbers)}"
    first, then = (
        _checked(**{**data.draw(knowledge_bases.incidents(number)), "external_id": name}) for number in (1, 2)
    )
    incident_id = _filed(first)
    change = _updating(then)
    assert _staged(incident_id, change) == _through_session(incident_id, change)


def test_several_steps_and_a_change_are_several_revisions() -> None:
    first = {**FULL_INCIDENT, "external_id": "a", "status": "published"}
    incident_id = _filed(_checked(**first))
    update = _updating(_checked(**{**first, "lessons": [{"text": "A new one."}]}))

    def withdraw_and_restore(work: UnitOfWork, target: Incident) -> None:
        for step in (Step.WITHDRAW, Step.REOPEN):
            take_step(work, IMPORTER, target, step, None)
            work.record(target, OPERATIONS[step], IMPORTER, was_public=step is Step.WITHDRAW)
        update(work, target)

    rows = _through_session(incident_id, withdraw_and_restore)
    assert _staged(incident_id, withdraw_and_restore) == rows
    assert {row["version"] for row in rows["change"] if row["incident_id"] == incident_id} == {1, 2, 3, 4, 5}
    withdrawn = [row for row in rows["audit_entry"] if row["incident_id"] == incident_id]
    assert len(withdrawn) == 1


def test_new_lessons_get_ids_that_nobody_else_has() -> None:
    ids = [_filed(_checked(**incident(external_id=name, title=name))) for name in "abc"]
    changes = StagedChanges()
    lessons = [{"text": "One."}, {"text": "Two."}]
    for loaded in load_detached(ids):
        name = loaded.external_id
        change = _updating(_checked(**incident(external_id=name, title=name, lessons=lessons)))
        changes.add(loaded, lambda work, change=change, loaded=loaded: change(work, loaded))  # type: ignore[misc]
    changes.number_lessons()
    other = _filed(_checked(**incident(external_id="d", title="d")))
    with unit_of_work() as work:
        changes.execute(work, ids)
    stored = [db.session.get_one(Incident, incident_id) for incident_id in (*ids, other)]
    numbers = [lesson.id for each in stored for lesson in each.lessons]
    assert len({*numbers}) == 7
    assert all(number > 0 for number in numbers)
    assert versions_of(ids) == dict.fromkeys(ids, 2)
    for each in stored[:3]:
        (latest,) = db.session.scalars(_latest_snapshot(each.id))
        assert [lesson["id"] for lesson in latest["lessons"]] == [lesson.id for lesson in each.lessons]
        assert latest["lessons"] == snapshot(each)["lessons"]


def _latest_snapshot(incident_id: int) -> Any:
    table = db.metadata.tables["revision"]
    own = table.select().where(table.c.incident_id == incident_id).order_by(table.c.number.desc()).limit(1)
    return select(own.subquery().c.snapshot)


def test_nothing_is_written_or_kept_open_while_changes_are_made(any_app: Flask) -> None:
    incident_id = _filed(_checked(**incident(external_id="a")))
    change = _updating(_checked(**incident(external_id="a", tags=["new"], lessons=[{"text": "New."}])))
    (loaded,) = load_detached([incident_id])
    with executed_statements() as statements:
        StagedChanges().add(loaded, lambda work: change(work, loaded))
    assert [each for each in statements if not each.lstrip().startswith(("SELECT", "PRAGMA"))] == []
    assert loaded not in db.session
    assert not db.session.new


def test_a_change_that_is_refused_leaves_nothing() -> None:
    incident_id = _filed(_checked(**incident(external_id="a")))
    (loaded,) = load_detached([incident_id])
    changes, before = StagedChanges(), _rows()
    wrong = {**_checked(**incident(external_id="a")), "category": "no-such-thing"}
    with pytest.raises(InvalidInput):
        changes.add(loaded, lambda work: _updating(wrong)(work, loaded))
    with unit_of_work() as work:
        changes.execute(work, [incident_id])
    assert _rows() == before
    assert Operation.UPDATED not in [row["operation"] for row in before["change"]]
