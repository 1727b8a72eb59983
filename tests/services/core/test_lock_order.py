"""Whatever locks several incidents on PostgreSQL locks them in one order, so that no two writers deadlock."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, select, text

from kb.config import Settings
from kb.domain.incident import Status
from kb.errors import Conflict
from kb.models import Incident, db
from kb.models.bulk_insert import BulkInsert
from kb.services.accounts.teams import MAIN_TEAM
from kb.services.core.authorization import ANY
from kb.services.core.system_actors import OPERATOR
from kb.services.exchange.collections.adding import add_collection
from kb.services.exchange.collections.checking import check_file
from kb.services.exchange.collections.reading import read_file
from kb.services.exchange.collections.removing import remove_collection
from kb.services.exchange.imports import importing
from kb.services.exchange.records.writing import write_records
from kb.services.incidents.duplicates.distinct import mark_distinct
from kb.services.incidents.duplicates.merging import mark_duplicate
from kb.services.operations import bootstrap
from tests.support.api import running
from tests.support.collections import HEAD, case
from tests.support.imports import check_lines
from tests.support.incidents import incident
from tests.support.lock_order import beside_a_sorted_lock, waits_for_a_lock
from tests.support.waiting import eventually


@pytest.fixture
def app(postgres_settings: Settings) -> Iterator[Flask]:
    for app in running(postgres_settings):
        with app.app_context():
            bootstrap.prepare_if_needed()
            yield app
            db.session.remove()


@pytest.fixture
def url(postgres_settings: Settings) -> str:
    return postgres_settings.database_url


def _add(*incidents: dict[str, Any]) -> None:
    content = "\n".join(json.dumps(each) for each in (HEAD, *incidents)).encode()
    add_collection(OPERATOR, check_file(OPERATOR, read_file("examples.jsonl", content)))


def _import(*bodies: dict[str, Any]) -> importing.ImportReport:
    checked = check_lines([json.dumps(body).encode() + b"\n" for body in bodies], MAIN_TEAM)
    assert checked.errors == []
    return importing.write_lines(checked.lines, MAIN_TEAM, lambda *_: None)


def _ids() -> list[int]:
    """The ids of the two latest incidents, in order."""
    found = [*db.session.scalars(select(Incident.id).order_by(Incident.id.desc()).limit(2))]
    db.session.rollback()
    return found[::-1]


def _statuses(ids: Sequence[int]) -> list[Status]:
    return [*db.session.scalars(select(Incident.status).where(Incident.id.in_(ids)).order_by(Incident.id))]


@pytest.mark.usefixtures("app")
def test_a_new_version_of_a_collection_that_drops_an_incident_before_a_changed_one(url: str) -> None:
    _add(case("dropped"), case("stays"))
    ids = _ids()
    with beside_a_sorted_lock(url, ids):
        _add(case("stays", severity=5))
    assert _statuses(ids) == [Status.WITHDRAWN, Status.PUBLISHED]


@pytest.mark.usefixtures("app")
def test_a_collection_that_is_removed(url: str) -> None:
    _add(case("one"), case("two"))
    ids = _ids()
    with beside_a_sorted_lock(url, ids):
        remove_collection(OPERATOR, "examples", edited=False, dry_run=False)
    assert _statuses(ids) == [Status.WITHDRAWN] * 2


@pytest.mark.usefixtures("app")
def test_an_import_that_changes_a_draft_before_a_published_incident(url: str) -> None:
    draft = incident(external_id="draft", title="A draft")
    published = incident(external_id="published", title="Another", status="published")
    _import(draft, published)
    with beside_a_sorted_lock(url, _ids()):
        assert _import({**draft, "status": "published"}, {**published, "severity": 5}).updated == 2


@pytest.mark.usefixtures("app")
def test_an_import_whose_file_has_drafts_in_another_order(url: str) -> None:
    drafts = [incident(external_id=name, title=f"Draft {name}") for name in "ab"]
    _import(*drafts)
    newer = [{**each, "status": "published"} for each in drafts]
    with beside_a_sorted_lock(url, _ids()):
        assert _import(*reversed(newer)).updated == 2


@pytest.mark.usefixtures("app")
def test_an_import_with_ids_that_hides_some(url: str) -> None:
    _import(*(incident(external_id=name, title=f"Case {name}") for name in "ab"))
    ids = _ids()
    # What was written last is read last.
    db.session.execute(text("UPDATE incident SET severity = 1 WHERE id = :id"), {"id": ids[0]})
    # As if an export had brought them, and no person had written them.
    db.session.execute(text("UPDATE revision SET principal = NULL"))
    db.session.commit()
    with beside_a_sorted_lock(url, ids):
        write_records([], lambda *_: None, gone=[ids[1], ids[0]], dry_run=False, noted={})
    assert _statuses(ids) == [Status.WITHDRAWN] * 2


def test_two_imports_that_add_the_same_incidents_in_another_order(
    app: Flask, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.services.incidents.filing.prepared._ROWS_AT_ONCE", 1)
    bodies = [incident(external_id=name, title=f"Case {name}") for name in "ab"]
    refused: list[Exception] = []

    def import_in_reverse() -> None:
        with app.app_context():
            try:
                _import(*reversed(bodies))
            except Conflict as error:
                refused.append(error)
            db.session.remove()

    other = threading.Thread(target=import_in_reverse)

    execute = BulkInsert.execute

    def execute_and_begin_other(self: BulkInsert, connection: Connection, rows: list[Any]) -> None:
        execute(self, connection, rows)
        if not other.ident:
            other.start()
            eventually(lambda: waits_for_a_lock(url) or not other.is_alive())

    monkeypatch.setattr(BulkInsert, "execute", execute_and_begin_other)
    assert len(_import(*bodies).added) == 2
    other.join()
    assert len(refused) == 1


@pytest.mark.parametrize("is_first", [False, True])
@pytest.mark.usefixtures("app")
def test_two_incidents_that_are_marked_as_distinct(url: str, *, is_first: bool) -> None:
    _import(*(incident(external_id=name, title=f"Case {name}") for name in "ab"))
    first, second = _ids() if is_first else reversed(_ids())
    with beside_a_sorted_lock(url, [first, second]):
        mark_distinct(OPERATOR, first, second)


@pytest.mark.parametrize("is_first", [False, True])
@pytest.mark.usefixtures("app")
def test_two_incidents_that_are_merged(url: str, *, is_first: bool) -> None:
    _import(*(incident(external_id=name, title=f"Case {name}", status="published") for name in "ab"))
    first, second = _ids() if is_first else reversed(_ids())
    with beside_a_sorted_lock(url, [first, second]):
        mark_duplicate(OPERATOR, first, ANY, second, parts=[], comment=None, acknowledged=[])
