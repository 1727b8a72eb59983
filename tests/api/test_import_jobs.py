"""Imports over HTTP as jobs: one at a time, canceled, interrupted, restarted, forgotten."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from kb.domain.import_job import ImportState
from kb.errors import Unavailable
from kb.messages import Message
from kb.models import ImportJob, db
from kb.models.base import utc_now
from kb.services.exchange.imports import attempts, importing, jobs, runner
from kb.services.search import sync
from tests.support.api import Api, people
from tests.support.imports import DRAFT, ended, interrupt, lines, send, stored
from tests.support.incidents import incident
from tests.support.waiting import PATIENCE, eventually


@pytest.fixture
def admin(any_app: Flask) -> Api:
    """An administrator of one team."""
    return people(any_app)("Ada Admin", north="admin")


class Held:
    """An import that waits at its first sign of progress until it is let go."""

    def __init__(self) -> None:
        self.has_begun, self.may_go = threading.Event(), threading.Event()

    def check(self, *arguments: Any, **options: Any) -> Any:
        self.has_begun.set()
        assert self.may_go.wait(PATIENCE)
        return _check_entries(*arguments, **options)


_check_entries = importing.check_entries


@pytest.fixture
def held(any_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    """Imports begin, and wait before they check anything.

    It comes after the application, whose end waits for imports: a failed test lets its import go first.
    """
    held = Held()
    monkeypatch.setattr(importing, "check_entries", held.check)
    monkeypatch.setattr(runner, "HEARTBEAT_SECONDS", 0.05)
    yield held
    held.may_go.set()


def test_a_team_has_one_import_at_a_time(held: Held, any_app: Flask) -> None:
    ada = people(any_app)("Ada Admin", north="admin", south="admin")
    first = send(ada, lines(incident()), team="north")
    assert held.has_begun.wait(PATIENCE)
    refused = send(ada, lines(incident()), team="north")
    assert refused.status_code == 409
    assert f"/import/{first.get_json()['id']}" in refused.get_json()["detail"]
    waiting = send(ada, lines(incident()), team="south")
    assert waiting.status_code == 202
    held.may_go.set()
    assert [ended(ada, each)["state"] for each in (first, waiting)] == ["done", "done"]


def test_an_import_that_has_written_nothing_can_be_canceled(held: Held, admin: Api) -> None:
    answer = send(admin, DRAFT)
    assert held.has_begun.wait(PATIENCE)
    canceled = admin.delete(f"/import/{answer.get_json()['id']}")
    assert (canceled.status_code, canceled.get_json()["state"]) == (200, "canceled")
    held.may_go.set()
    _wait_for_threads()
    assert ended(admin, answer)["state"] == "canceled"
    assert stored(admin) == []
    assert ended(admin, send(admin, DRAFT))["report"]["added"] == 1


def test_an_import_that_is_written_or_has_ended_cannot_be_canceled(
    admin: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    statuses: list[int] = []

    def ensure_current(**options: Any) -> None:
        assert begun.wait(PATIENCE)
        statuses.append(admin.delete(f"/import/{answer.get_json()['id']}").status_code)
        _ensure_current(**options)

    begun = threading.Event()
    monkeypatch.setattr(sync, "ensure_current", ensure_current)
    answer = send(admin, DRAFT)
    begun.set()
    job = ended(admin, answer)
    assert (job["state"], statuses) == ("done", [409])
    assert admin.delete(f"/import/{job['id']}").status_code == 409


_ensure_current = sync.ensure_current


def test_an_import_whose_index_fails_is_done_all_the_same(
    admin: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: Any) -> None:
        raise OSError("no index")

    monkeypatch.setattr(sync, "ensure_current", fail)
    job = ended(admin, send(admin, DRAFT))
    assert (job["state"], job["report"]["added"], job["report"]["duplicates"]) == ("done", 1, None)


def test_an_import_whose_process_has_died_is_interrupted_and_can_be_restarted(
    any_app: Flask, admin: Api, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "HEARTBEAT_SECONDS", PATIENCE)
    answer = send(admin, DRAFT)
    path = f"/import/{answer.get_json()['id']}"
    assert held.has_begun.wait(PATIENCE)
    assert admin.post(f"{path}/restart", None).status_code == 409
    interrupt(any_app, answer.get_json()["id"], content=zlib.compress(DRAFT))
    assert admin.get(path).get_json()["state"] == "interrupted"
    restarted = admin.post(f"{path}/restart", None)
    assert (restarted.status_code, restarted.get_json()["state"]) == (202, "queued")
    # The first attempt was only slow: both go on, and one of them writes.
    held.may_go.set()
    _wait_for_threads()
    job = ended(admin, answer)
    assert (job["state"], job["report"]["added"]) == ("done", 1)
    assert len(stored(admin)) == 1


def test_a_dead_import_holds_up_no_other(any_app: Flask, admin: Api) -> None:
    first = ended(admin, send(admin, DRAFT))
    interrupt(any_app, first["id"], content=None)
    assert ended(admin, send(admin, lines(incident(external_id="b"))))["state"] == "done"
    assert admin.get(f"/import/{first['id']}").get_json()["state"] == "interrupted"
    assert admin.post(f"/import/{first['id']}/restart", None).status_code == 409, "its file is gone"


def test_an_import_that_was_interrupted_more_than_a_day_ago_is_not_restarted(
    any_app: Flask, admin: Api
) -> None:
    job = ended(admin, send(admin, DRAFT))
    interrupt(any_app, job["id"], heartbeat_at=utc_now() - jobs.FILE_KEPT_FOR - timedelta(minutes=1))
    assert admin.get(f"/import/{job['id']}").get_json()["state"] == "interrupted"
    assert admin.post(f"/import/{job['id']}/restart", None).status_code == 409


def test_an_import_that_died_after_it_was_written_is_done(any_app: Flask, admin: Api) -> None:
    job = ended(admin, send(admin, DRAFT))
    interrupt(any_app, job["id"], is_written=True)
    assert admin.get(f"/import/{job['id']}").get_json()["state"] == "done"


def test_a_file_is_kept_no_longer_than_it_is_needed(any_app: Flask, admin: Api) -> None:
    ended(admin, send(admin, DRAFT))
    old = ended(admin, send(admin, lines(incident(external_id="b"))))
    with any_app.app_context():
        assert db.session.query(ImportJob).filter(ImportJob.content.is_not(None)).count() == 0
        db.session.execute(
            update(ImportJob)
            .where(ImportJob.id == old["id"])
            .values(
                created_at=utc_now() - jobs.KEPT_FOR - timedelta(hours=1),
                heartbeat_at=utc_now() - jobs.FILE_KEPT_FOR - timedelta(hours=1),
                content=b"x",
            )
        )
        db.session.commit()
        db.session.remove()
    ended(admin, send(admin, lines(incident(external_id="c"))))
    assert old["id"] not in {job["id"] for job in admin.get("/import").get_json()["items"]}


def _wait_for_threads() -> None:
    def is_idle() -> bool:
        return not any(thread.name.startswith("import-") for thread in threading.enumerate())

    eventually(is_idle)


def test_what_is_written_has_not_failed_though_its_end_cannot_bestored(
    any_app: Flask, admin: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(ticket: Any, state: ImportState, *arguments: Any, **options: Any) -> None:
        if state is ImportState.DONE:
            raise Unavailable(Message("The database is away."))
        _end(ticket, state, *arguments, **options)

    monkeypatch.setattr(attempts, "end", end)
    answer = send(admin, DRAFT)
    _wait_for_threads()
    job = admin.get(f"/import/{answer.get_json()['id']}").get_json()
    assert (job["state"], job["report"]["added"]) == ("running", 1)
    interrupt(any_app, job["id"], is_written=True, report=job["report"])
    assert admin.get(f"/import/{job['id']}").get_json()["state"] == "done"


_end = attempts.end
