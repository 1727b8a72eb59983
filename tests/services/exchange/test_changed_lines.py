"""Lines that change stored incidents are made ready before the transaction of an import."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from kb import pauses
from kb.models import Incident, db
from kb.services.accounts.teams import MAIN_TEAM, find_team
from kb.services.core.presenters import snapshot
from kb.services.exchange import jsonl
from kb.services.incidents.upsert import find_by_external_id
from kb.services.operations import bootstrap
from tests.support.api import Api
from tests.support.imports import check_lines, ended, lines, send
from tests.support.incidents import HEBREW, incident
from tests.support.transactions import with_write_lock

_MORE: dict[str, Any] = {
    "summary": "Another summary.",
    "lessons": [{"text": "Another lesson."}],
    "sources": [{"title": "Another source"}],
}


@pytest.fixture
def _inside(any_app: Flask) -> Iterator[None]:
    with any_app.app_context():
        bootstrap.prepare_if_needed()
        yield
        db.session.remove()


def _bodies(number: int, **changes: Any) -> list[dict[str, Any]]:
    return [
        incident(external_id=f"line-{place}", title=f"Line {place}", status="published", **changes)
        for place in range(number)
    ]


def _import(
    bodies: list[dict[str, Any]], pause: Callable[..., object] = lambda *_: None, *, dry_run: bool = False
) -> jsonl.ImportReport:
    checked = check_lines(lines(*bodies).splitlines(), MAIN_TEAM)
    assert checked.errors == []
    return jsonl.write_lines(checked.lines, MAIN_TEAM, pause, dry_run=dry_run)


def _stored(name: str) -> Incident:
    found = find_by_external_id(find_team(MAIN_TEAM).id, name)
    assert found is not None
    return found


def _counts(report: jsonl.ImportReport) -> tuple[int, int, int]:
    return len(report.added), report.updated, report.unchanged


@pytest.mark.usefixtures("_inside")
def test_lines_change_incidents_as_in_the_transaction() -> None:
    assert _counts(_import(_bodies(3))) == (3, 0, 0)
    changed = [*_bodies(2, **_MORE), *_bodies(3)[2:]]
    assert _counts(_import(changed, dry_run=True)) == (0, 2, 1)
    assert _stored("line-0").version == 1
    db.session.rollback()
    assert _counts(_import(changed)) == (0, 2, 1)
    first = _stored("line-0")
    assert (first.version, first.original.summary) == (2, "Another summary.")
    assert [lesson["text"] for lesson in snapshot(first)["lessons"]] == ["Another lesson."]
    assert _counts(_import(changed)) == (0, 0, 3)


@pytest.mark.usefixtures("_inside")
def test_lines_that_bring_a_tag_spell_it_as_the_first_one_does() -> None:
    _import(_bodies(2))
    zebras = [{**body, "tags": [tag]} for body, tag in zip(_bodies(2), ("Zebra", "zebra"), strict=True)]
    new = incident(external_id="new", title="New", status="published", tags=["ZEBRA"])
    assert _counts(_import([*zebras, new])) == (1, 2, 0)
    assert {tag for name in ("line-0", "line-1", "new") for tag in _stored(name).tags} == {"ZEBRA"}


@pytest.mark.usefixtures("_inside")
def test_drafts_with_the_same_title_still_get_slugs_of_their_own() -> None:
    drafts = [incident(external_id=name, title=f"Draft {name}") for name in "ab"]
    _import(drafts)
    assert _counts(_import([{**each, "title": "One title"} for each in drafts])) == (0, 2, 0)
    assert _stored("a").slug != _stored("b").slug


def test_what_others_change_while_lines_are_made_ready_is_changed_as_it_is_then(
    any_app: Flask, any_role: Callable[..., Api]
) -> None:
    api = any_role("site_admin")

    def edit() -> None:
        path = f"/incidents/{number}/translations/he"
        assert api.put(path, HEBREW, If_Match="*").status_code in (200, 201)

    edits = iter([edit])

    def meanwhile(*_: object) -> None:
        for each in edits:
            thread = threading.Thread(target=each)
            thread.start()
            thread.join()

    with any_app.app_context():
        _import(_bodies(2))
        number = _stored("line-0").id
        db.session.rollback()
        assert _counts(_import(_bodies(2, severity=5), meanwhile)) == (0, 2, 0)
        first = _stored("line-0")
        assert (first.version, first.severity, first.languages) == (3, 5, ["en", "he"])
        db.session.remove()


def test_as_much_is_read_with_the_lock_for_many_changed_lines_as_for_few(app: Flask) -> None:
    with app.app_context():
        bootstrap.prepare_if_needed()
        _import(_bodies(12))
        counts = []
        for number in (3, 12):
            with with_write_lock() as statements:
                assert _import(_bodies(number, **_MORE, severity=number % 5 + 1)).updated == number
            counts.append(sum(each.lstrip().startswith("SELECT") for each in statements))
        db.session.remove()
    assert counts[0] == counts[1]


def test_no_transaction_is_open_while_an_import_pauses(
    any_role: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    api, seen = any_role("site_admin"), list[bool]()
    ended(api, send(api, lines(*_bodies(30))))

    def rest() -> None:
        seen.append(db.session().in_transaction())

    monkeypatch.setattr(pauses, "rest", rest)
    done = ended(api, send(api, lines(*_bodies(30, **_MORE))))
    assert done["report"]["updated"] == 30
    assert len(seen) > 3
    assert not any(seen)
