"""Imports over HTTP: a file is sent, and goes on being imported after the answer."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from kb.config import Settings
from kb.domain.permissions import ALL_SCOPES, Scope
from kb.models import ImportJob, db
from kb.models.base import utc_now
from kb.services.exchange import import_jobs, import_runner
from kb.services.search import sync
from tests.support.api import Api, callers, people, running
from tests.support.imports import ended, interrupt, lines, send
from tests.support.incidents import incident
from tests.support.waiting import PATIENCE, eventually

ORGANIZATION = "Zq Imports Ltd"

DRAFT = lines(incident(external_id="a", organization=ORGANIZATION))
PUBLISHED = lines(incident(external_id="a", organization=ORGANIZATION, status="published"))


def _stored(api: Api) -> list[dict[str, Any]]:
    """The incidents of the organization of these tests."""
    query = {"organization": ORGANIZATION, "status": "draft,published"}
    items: list[dict[str, Any]] = api.get("/incidents", **query).get_json()["items"]
    return items


@pytest.fixture
def served(any_settings: Settings) -> Iterator[Flask]:
    """The application on SQLite and on PostgreSQL."""
    yield from running(any_settings)


@pytest.fixture
def admin(served: Flask) -> Api:
    """An administrator of one team."""
    return people(served)("Ada Admin", north="admin")


def test_a_file_is_imported_after_the_answer_and_reported(admin: Api) -> None:
    body = PUBLISHED + lines(incident(external_id="b", organization=ORGANIZATION, title="Another"))
    answer = send(admin, body, name="mine.jsonl")
    assert (answer.status_code, answer.get_json()["state"]) == (202, "queued")
    assert answer.headers["Location"] == f"/api/v1/import/{answer.get_json()['id']}"
    job = ended(admin, answer)
    assert (job["state"], job["error"], job["by"], job["team"]) == ("done", None, "Ada Admin", "north")
    assert (job["report"]["added"], job["report"]["skipped"], job["report"]["errors"]) == (2, 0, [])
    assert [(each["line"], each["of_line"]) for each in job["report"]["duplicates"]] == [(2, 1)]
    assert len(_stored(admin)) == 2
    found = admin.get("/search", organization=ORGANIZATION, status="draft,published").get_json()
    assert found["total"] == 2
    assert admin.get("/import").get_json()["items"] == [job]


def test_the_person_is_the_author_and_in_the_audit_log(admin: Api) -> None:
    assert ended(admin, send(admin, PUBLISHED))["state"] == "done"
    (found,) = _stored(admin)
    (revision,) = admin.get(f"/incidents/{found['id']}/revisions").get_json()["items"]
    assert (found["status"], revision["author"]) == ("published", "Ada Admin")
    entries = admin.get("/audit", event="import").get_json()["items"]
    assert [(entry["actor"], entry["team"], entry["detail"]["added"]) for entry in entries] == [
        ("Ada Admin", "north", 1)
    ]
    assert entries[0]["principal"].startswith(("user:", "token:"))
    assert entries[0]["address"] == "127.0.0.1"


def test_an_import_publishes_where_four_eyes_are_needed(any_settings: Settings) -> None:
    for app in running(replace(any_settings, four_eyes=True)):
        admin = people(app)("Ada Admin", north="admin")
        job = ended(
            admin,
            send(admin, PUBLISHED),
        )
        assert job["state"] == "done"
        assert _stored(admin)[0]["status"] == "published"


def test_what_is_invalid_keeps_all_out_unless_it_is_to_be_skipped(admin: Api) -> None:
    body = lines(incident(external_id="a", organization=ORGANIZATION), incident(severity=9))
    failed = ended(admin, send(admin, body))
    assert failed["state"] == "failed"
    assert "skip_invalid=true" in failed["error"]
    assert [(each["line"], each["pointer"]) for each in failed["report"]["errors"]] == [(2, "/severity")]
    assert failed["report"]["added"] == 0
    skipped = ended(admin, send(admin, body, skip_invalid="true"))
    assert (skipped["state"], skipped["report"]["added"], skipped["report"]["skipped"]) == ("done", 1, 1)


def test_errors_are_in_the_language_of_the_request(admin: Api) -> None:
    answer = send(admin, lines(incident(severity=9)), headers={"Accept-Language": "he"})
    job = ended(admin, answer)
    for text in (job["error"], job["report"]["errors"][0]["detail"]):
        assert any("א" <= letter <= "ת" for letter in text), text


def test_a_dry_run_changes_nothing(admin: Api) -> None:
    body = lines(
        incident(external_id="a", organization=ORGANIZATION, summary="The idiot in charge posted it.")
    )
    job = ended(admin, send(admin, body, dry_run="true"))
    assert (job["state"], job["dry_run"], job["report"]["added"]) == ("done", True, 1)
    assert "notes" in job["report"]
    assert _stored(admin) == []
    assert admin.get("/audit", event="import").get_json()["items"] == []


def test_the_same_file_twice_is_noticed(admin: Api) -> None:
    body = lines(incident())
    assert ended(admin, send(admin, body))["state"] == "done"
    repeated = ended(admin, send(admin, body))
    assert repeated["state"] == "failed"
    assert "again=true" in repeated["error"]
    assert ended(admin, send(admin, body, again="true"))["report"]["added"] == 1


def test_a_table_that_is_an_export_is_imported(admin: Api) -> None:
    admin.file(team="north", status="draft")
    table = admin.get("/export.csv", columns="all", status="draft").get_data()
    job = ended(admin, send(admin, table, name="incidents.csv", dry_run="true"))
    assert (job["state"], job["error"]) == ("done", None), job["report"]
    assert job["report"]["added"] + job["report"]["updated"] + job["report"]["unchanged"] == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [(b"%PDF-1.7", "PDF"), (b"\n\n", "empty"), (b"hello", "JSON")],
    ids=["pdf", "empty", "text"],
)
def test_a_file_of_no_known_format_fails_with_what_to_do(admin: Api, body: bytes, words: str) -> None:
    job = ended(admin, send(admin, body))
    assert job["state"] == "failed"
    assert words in job["error"]


def test_without_a_file_nothing_is_filed(admin: Api) -> None:
    assert send(admin, b"").status_code == 400
    assert admin.get("/import").get_json()["items"] == []


def test_a_file_that_is_too_large_is_refused_with_what_to_do(settings: Settings) -> None:
    for app in running(replace(settings, max_import_bytes=3_000, max_body_bytes=2_000)):
        admin = callers(app)("admin")
        assert send(admin, b" " * 2_500).status_code == 202
        refused = send(admin, b" " * 3_500)
        assert refused.status_code == 413
        assert "KB_MAX_IMPORT_BYTES" in refused.get_json()["detail"]


def test_imports_need_an_administrator_who_may_write_and_review(served: Flask) -> None:
    person = people(served)
    body = lines(incident())
    assert send(person("Rae", north="reviewer"), body).status_code == 403
    for scope in (Scope.WRITE, Scope.REVIEW):
        narrow = person("Ada Admin", north="admin", scopes=[*ALL_SCOPES - {scope}])
        assert send(narrow, body, team="north").status_code in (403, 422), scope
    both = person("Noa", north="admin", south="reviewer")
    assert send(both, body, team="south").status_code == 403
    assert send(both, body, team="elsewhere").status_code == 422


def test_imports_of_other_teams_do_not_exist(served: Flask) -> None:
    person = people(served)
    ada, eve = person("Ada Admin", north="admin"), person("Eve", south="admin")
    job = ended(ada, send(ada, lines(incident())))
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/restart")):
        assert eve.request(method, f"/import/{job['id']}{path}").status_code == 404
    assert eve.get("/import").get_json()["items"] == []


def test_a_repeated_request_imports_once(served: Flask, admin: Api) -> None:
    body = DRAFT
    first, again = (send(admin, body, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert again.get_json() == first.get_json()
    assert again.headers["Idempotent-Replayed"] == "true"
    ended(admin, first)
    assert len(admin.get("/import").get_json()["items"]) == 1
    other = send(admin, body, headers={"Idempotency-Key": "k"}, dry_run="true")
    assert other.status_code == 422


class Held:
    """An import that waits at its first sign of progress until it is let go."""

    def __init__(self) -> None:
        self.has_begun, self.may_go = threading.Event(), threading.Event()

    def check(self, *arguments: Any, **options: Any) -> Any:
        self.has_begun.set()
        assert self.may_go.wait(PATIENCE)
        return _check_entries(*arguments, **options)


_check_entries = import_runner.jsonl.check_entries


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    """Imports begin, and wait before they check anything."""
    held = Held()
    monkeypatch.setattr(import_runner.jsonl, "check_entries", held.check)
    monkeypatch.setattr(import_runner, "HEARTBEAT_SECONDS", 0.05)
    yield held
    held.may_go.set()


def test_a_team_has_one_import_at_a_time(held: Held, served: Flask) -> None:
    ada = people(served)("Ada Admin", north="admin", south="admin")
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
    assert _stored(admin) == []
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
    monkeypatch.setattr(import_runner.sync, "ensure_current", ensure_current)
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

    monkeypatch.setattr(import_runner.sync, "ensure_current", fail)
    job = ended(admin, send(admin, DRAFT))
    assert (job["state"], job["report"]["added"], job["report"]["duplicates"]) == ("done", 1, None)


def test_an_import_whose_process_has_died_is_interrupted_and_can_be_restarted(
    served: Flask, admin: Api, held: Held
) -> None:
    answer = send(admin, DRAFT)
    path = f"/import/{answer.get_json()['id']}"
    assert held.has_begun.wait(PATIENCE)
    assert admin.post(f"{path}/restart", None).status_code == 409
    interrupt(served, answer.get_json()["id"], content=zlib.compress(DRAFT))
    assert admin.get(path).get_json()["state"] == "interrupted"
    restarted = admin.post(f"{path}/restart", None)
    assert (restarted.status_code, restarted.get_json()["state"]) == (202, "queued")
    # The first attempt was only slow: both go on, and one of them writes.
    held.may_go.set()
    _wait_for_threads()
    job = ended(admin, answer)
    assert (job["state"], job["report"]["added"]) == ("done", 1)
    assert len(_stored(admin)) == 1


def test_a_dead_import_holds_up_no_other(served: Flask, admin: Api) -> None:
    first = ended(admin, send(admin, DRAFT))
    interrupt(served, first["id"], content=None)
    assert ended(admin, send(admin, lines(incident(external_id="b"))))["state"] == "done"
    assert admin.get(f"/import/{first['id']}").get_json()["state"] == "interrupted"
    assert admin.post(f"/import/{first['id']}/restart", None).status_code == 409, "its file is gone"


def test_an_import_that_died_after_it_was_written_is_done(served: Flask, admin: Api) -> None:
    job = ended(admin, send(admin, DRAFT))
    interrupt(served, job["id"], is_written=True)
    assert admin.get(f"/import/{job['id']}").get_json()["state"] == "done"


def test_a_file_is_kept_no_longer_than_it_is_needed(served: Flask, admin: Api) -> None:
    ended(admin, send(admin, DRAFT))
    old = ended(admin, send(admin, lines(incident(external_id="b"))))
    with served.app_context():
        assert db.session.query(ImportJob).filter(ImportJob.content.is_not(None)).count() == 0
        db.session.execute(
            update(ImportJob)
            .where(ImportJob.id == old["id"])
            .values(
                created_at=utc_now() - import_jobs.KEPT_FOR - timedelta(hours=1),
                heartbeat_at=utc_now() - import_jobs.FILE_KEPT_FOR - timedelta(hours=1),
                content=b"x",
            )
        )
        db.session.commit()
        db.session.remove()
    ended(admin, send(admin, lines(incident(external_id="c"))))
    assert old["id"] not in {job["id"] for job in admin.get("/import").get_json()["items"]}


def test_a_long_list_of_errors_is_cut_and_counted(admin: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.services.exchange.import_report.MAX_LISTED", 2)
    report = ended(admin, send(admin, lines(*[incident(severity=9)] * 5)))["report"]
    assert (len(report["errors"]), report["left_off"], report["skipped"]) == (2, {"errors": 3}, 5)


def _wait_for_threads() -> None:
    def is_idle() -> bool:
        return not any(thread.name.startswith("import-") for thread in threading.enumerate())

    eventually(is_idle)
