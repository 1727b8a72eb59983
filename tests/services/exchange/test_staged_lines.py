"""Lines that change stored incidents are made ready before the transaction of an import."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from kb import pauses
from kb.config import Settings
from kb.domain.incident import Status
from kb.errors import Conflict
from kb.models import Incident, db
from kb.pauses import no_pause
from kb.services.accounts.teams import MAIN_TEAM, find_team
from kb.services.core.presenters import snapshot
from kb.services.core.reading import reading
from kb.services.core.unit_of_work import unit_of_work
from kb.services.exchange.imports import importing
from kb.services.exchange.staged_lines import StagedLines
from kb.services.incidents.filing.upsert import find_by_external_id
from kb.services.operations import bootstrap
from tests.support.api import Api, callers, running
from tests.support.imports import check_lines, ended, lines, send
from tests.support.incidents import HEBREW, incident
from tests.support.transactions import is_any_transaction_open, with_write_lock
from tests.support.waiting import PATIENCE

_MORE: dict[str, Any] = {
    "summary": "Another summary.",
    "lessons": [{"text": "Another lesson."}],
    "sources": [{"title": "Another source"}],
}


def _bodies(number: int, **changes: Any) -> list[dict[str, Any]]:
    return [
        incident(external_id=f"line-{place}", title=f"Line {place}", status="published", **changes)
        for place in range(number)
    ]


def _drafts(number: int, **changes: Any) -> list[dict[str, Any]]:
    return [{**each, "status": "draft", **changes} for each in _bodies(number)]


def _once(action: Callable[[], object]) -> Callable[..., None]:
    """A pause in which another request does something, the first time."""
    actions = iter([action])

    def meanwhile(*_: object) -> None:
        for each in actions:
            thread = threading.Thread(target=each)
            thread.start()
            thread.join()

    return meanwhile


def _import(
    bodies: list[dict[str, Any]], pause: Callable[..., object] = lambda *_: None, *, dry_run: bool = False
) -> importing.ImportReport:
    checked = check_lines(lines(*bodies).splitlines(), MAIN_TEAM)
    assert checked.errors == []
    return importing.write_lines(checked.lines, MAIN_TEAM, pause, dry_run=dry_run)


def _stored(name: str) -> Incident:
    found = find_by_external_id(find_team(MAIN_TEAM).id, name)
    assert found is not None
    return found


def _counts(report: importing.ImportReport) -> tuple[int, int, int]:
    return len(report.added), report.updated, report.unchanged


@pytest.mark.usefixtures("inside_any_app")
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


@pytest.mark.usefixtures("inside_any_app")
def test_lines_that_bring_a_tag_spell_it_as_the_first_one_does() -> None:
    _import(_bodies(2))
    zebras = [{**body, "tags": [tag]} for body, tag in zip(_bodies(2), ("Zebra", "zebra"), strict=True)]
    new = incident(external_id="new", title="New", status="published", tags=["ZEBRA"])
    assert _counts(_import([*zebras, new])) == (1, 2, 0)
    assert {tag for name in ("line-0", "line-1", "new") for tag in _stored(name).tags} == {"ZEBRA"}


@pytest.mark.usefixtures("inside_any_app")
def test_drafts_with_the_same_title_still_get_slugs_of_their_own() -> None:
    drafts = [incident(external_id=name, title=f"Draft {name}") for name in "ab"]
    _import(drafts)
    assert _counts(_import([{**each, "title": "One title"} for each in drafts])) == (0, 2, 0)
    assert _stored("a").slug != _stored("b").slug


@pytest.mark.usefixtures("inside_any_app")
def test_a_draft_and_a_new_incident_of_one_file_with_one_title_get_slugs_of_their_own() -> None:
    _import(_drafts(1))
    new = incident(external_id="new", title="One title")
    assert _counts(_import([*_drafts(1, title="One title"), new])) == (1, 1, 0)
    assert _stored("line-0").slug != _stored("new").slug


def test_a_slug_that_is_taken_while_lines_are_made_ready_is_made_anew(
    any_app: Flask, any_role: Callable[..., Api]
) -> None:
    api = any_role("site_admin")
    with any_app.app_context():
        _import(_drafts(2))
        meanwhile = _once(lambda: api.file(title="One title"))
        report = _import(_drafts(2, title="One title", status="published"), meanwhile)
        assert _counts(report) == (0, 2, 0)
        slugs = {_stored(name).slug for name in ("line-0", "line-1")}
        assert len(slugs) == 2
        assert {slug.rpartition("-")[2] for slug in slugs} == {"2", "3"}
        db.session.remove()


def test_what_people_discuss_while_lines_are_made_ready_is_not_published_if_that_needs_an_answer(
    any_settings: Settings,
) -> None:
    for app in running(replace(any_settings, resolved_comments=True)):
        _discuss_while_it_is_published(app)


def _discuss_while_it_is_published(app: Flask) -> None:
    api = callers(app)("site_admin")
    with app.app_context():
        _import(_drafts(2))
        path = f"/incidents/{_stored('line-1').id}/comments"
        db.session.rollback()
        meanwhile = _once(lambda: api.post(path, {"text": "Wait."}))
        with pytest.raises(Conflict, match=r"line 2: .*open comments"):
            _import(_drafts(2, status="published"), meanwhile)
        assert _stored("line-0").status is Status.DRAFT
        db.session.remove()


def test_what_others_change_while_lines_are_made_ready_is_changed_as_it_is_then(
    any_app: Flask, any_role: Callable[..., Api]
) -> None:
    api = any_role("site_admin")

    def edit() -> None:
        path = f"/incidents/{number}/translations/he"
        assert api.put(path, HEBREW, If_Match="*").status_code in (200, 201)

    meanwhile = _once(edit)
    with any_app.app_context():
        _import(_bodies(2))
        number = _stored("line-0").id
        db.session.rollback()
        assert _counts(_import(_bodies(2, severity=5), meanwhile)) == (0, 2, 0)
        first = _stored("line-0")
        assert (first.version, first.severity, first.languages) == (3, 5, ["en", "he"])
        db.session.remove()


_KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "published": ("published", {}),
    "drafts": ("draft", {}),
    "drafts with other slugs": ("draft", {"title": "One title"}),
    "drafts that are published": ("draft", {"status": "published"}),
}
"""The status of incidents that lines change, and what else than `_MORE` these have."""


@pytest.mark.parametrize("kind", _KINDS)
def test_as_much_is_read_with_the_lock_for_many_changed_lines_as_for_few(app: Flask, kind: str) -> None:
    status, changes = _KINDS[kind]
    with app.app_context():
        bootstrap.prepare_if_needed()
        _import([{**each, "status": status} for each in _bodies(15)])
        counts = []
        for some in (slice(0, 3), slice(3, 15)):
            bodies = [{**each, "status": status, **_MORE, **changes} for each in _bodies(15)[some]]
            with with_write_lock() as statements:
                assert _import(bodies).updated == len(bodies)
            counts.append(sum(each.lstrip().startswith("SELECT") for each in statements))
        db.session.remove()
    assert counts[0] == counts[1]


@pytest.mark.parametrize("status", ["published", "draft"])
@pytest.mark.parametrize("dry_run", ["false", "true"])
def test_no_transaction_is_open_while_an_import_pauses(
    any_app: Flask,
    any_role: Callable[..., Api],
    monkeypatch: pytest.MonkeyPatch,
    status: str,
    dry_run: str,
) -> None:
    """Neither in the thread of the import, in whichever session, nor in any other."""
    api, seen = any_role("site_admin"), list[bool]()
    bodies = [{**each, "status": status} for each in _bodies(30)]
    ended(api, send(api, lines(*bodies)))

    def look() -> None:
        with any_app.app_context():
            seen.append(is_any_transaction_open())
            db.session.remove()

    def rest(*_: int) -> None:
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()

    monkeypatch.setattr(pauses, "rest", rest)
    monkeypatch.setattr("kb.services.exchange.imports.runner.HEARTBEAT_SECONDS", PATIENCE)
    new = incident(external_id="new", title="New", status=status)
    sent = send(api, lines(*({**each, **_MORE} for each in bodies), new), dry_run=dry_run)
    _wait_for_thread(sent.get_json()["id"])  # without asking for it, which takes transactions of its own
    done = ended(api, sent)
    assert (done["state"], done["report"]["updated"]) == ("done", 30)
    assert len(seen) > 3
    assert not any(seen)


def _wait_for_thread(job_id: int) -> None:
    for thread in threading.enumerate():
        if thread.name == f"import-{job_id}":
            thread.join(PATIENCE)


def test_a_pause_that_would_undo_a_writing_transaction_is_refused(any_app: Flask) -> None:
    with any_app.app_context():
        bootstrap.prepare_if_needed()
        with pytest.raises(RuntimeError, match="undo the writing transaction"), unit_of_work():
            reading(no_pause)()
        reading(no_pause)()
        db.session.remove()


@pytest.mark.parametrize("place", ["write", "_split"])
def test_an_import_that_pauses_within_its_transaction_fails(
    any_app: Flask, any_role: Callable[..., Api], monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    api = any_role("site_admin")
    ended(api, send(api, lines(*_bodies(3))))
    original = getattr(StagedLines, place)

    def pausing(*arguments: Any) -> Any:
        reading(pauses.rest)()
        return original(*arguments)

    monkeypatch.setattr(StagedLines, place, pausing)
    done = ended(api, send(api, lines(*_bodies(3, **_MORE))))
    assert done["state"] == "failed"
    with any_app.app_context():
        assert _stored("line-0").version == 1
        db.session.remove()
