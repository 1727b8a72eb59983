"""Imports over HTTP: a file is sent, and goes on being imported after the answer."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from io import BytesIO

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from kb.config import Settings
from kb.domain.permissions import ALL_SCOPES, Scope
from kb.services.exchange.imports import runner
from tests.support.api import Api, callers, people, running
from tests.support.imports import DRAFT, ORGANIZATION, PUBLISHED, ended, lines, send, stored
from tests.support.incidents import incident


@pytest.fixture
def admin(any_app: Flask) -> Api:
    """An administrator of one team."""
    return people(any_app)("Ada Admin", north="admin")


def test_a_file_is_imported_after_the_answer_and_reported(admin: Api) -> None:
    body = PUBLISHED + lines(incident(external_id="b", organization=ORGANIZATION, title="Another"))
    answer = send(admin, body, name="mine.jsonl")
    assert (answer.status_code, answer.get_json()["state"]) == (202, "queued")
    assert answer.headers["Location"] == f"/api/v1/import/{answer.get_json()['id']}"
    job = ended(admin, answer)
    assert (job["state"], job["error"], job["by"], job["team"]) == ("done", None, "Ada Admin", "north")
    assert (job["report"]["added"], job["report"]["skipped"], job["report"]["errors"]) == (2, 0, [])
    assert [(each["line"], each["of_line"]) for each in job["report"]["duplicates"]] == [(2, 1)]
    assert len(stored(admin)) == 2
    found = admin.get("/search", organization=ORGANIZATION, status="draft,published").get_json()
    assert found["total"] == 2
    assert admin.get("/import").get_json()["items"] == [job]


def test_the_person_is_the_author_and_in_the_audit_log(admin: Api) -> None:
    assert ended(admin, send(admin, PUBLISHED))["state"] == "done"
    (found,) = stored(admin)
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
        assert stored(admin)[0]["status"] == "published"


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
    assert stored(admin) == []
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
    columns = "organization,title,summary,cause,outcome,occurred_on,category,language,lessons"
    table = admin.get("/export.csv", columns=columns, status="draft").get_data()
    job = ended(admin, send(admin, table, name="incidents.csv", dry_run="true"))
    assert (job["state"], job["error"]) == ("done", None), job["report"]["errors"]
    assert (job["report"]["added"], job["report"]["duplicates"][0]["of_line"]) == (1, None)


@pytest.mark.parametrize(
    ("body", "words"),
    [(b"%PDF-1.7", "PDF"), (b"\n\n", "empty"), (b"hello", "JSON")],
    ids=["pdf", "empty", "text"],
)
def test_a_file_of_no_known_format_fails_with_what_to_do(admin: Api, body: bytes, words: str) -> None:
    job = ended(admin, send(admin, body))
    assert job["state"] == "failed"
    assert words in job["error"]


@pytest.mark.parametrize("name", ["mine.jsonl.gz", ""])
def test_a_compressed_file_is_imported_as_what_is_in_it(admin: Api, name: str) -> None:
    job = ended(admin, send(admin, gzip.compress(DRAFT), name=name))
    assert (job["state"], job["report"]["added"]) == ("done", 1)
    assert len(stored(admin)) == 1


def test_a_compressed_file_that_is_damaged_or_larger_than_what_is_read_imports_nothing(
    settings: Settings,
) -> None:
    for app in running(replace(settings, max_import_bytes=20_000, max_body_bytes=20_000)):
        admin = people(app)("Ada Admin", north="admin")
        damaged = ended(admin, send(admin, gzip.compress(DRAFT)[:-4]))
        assert (damaged["state"], damaged["report"]) == ("failed", None)
        assert "damaged or cut off" in damaged["error"]
        bomb = ended(admin, send(admin, gzip.compress(DRAFT + b"\n" * 200_000)))
        assert (bomb["state"], "Split it." in bomb["error"]) == ("failed", True)
        assert stored(admin) == []


def test_a_file_of_more_incidents_than_are_read_imports_nothing(
    admin: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "MAX_ENTRIES", 2)
    assert ended(admin, send(admin, lines({}, {})))["report"]["skipped"] == 2
    job = ended(admin, send(admin, lines({}, {}, {})))
    assert (job["state"], job["report"]) == ("failed", None)
    assert "more than 2 incidents" in job["error"]


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


def test_imports_need_an_administrator_who_may_write_and_review(any_app: Flask) -> None:
    person = people(any_app)
    body = lines(incident())
    assert send(person("Rae", north="reviewer"), body).status_code == 403
    for scope, status in ((Scope.WRITE, 422), (Scope.REVIEW, 403)):
        narrow = person("Ada Admin", north="admin", scopes=[*ALL_SCOPES - {scope}])
        assert send(narrow, body, team="north").status_code == status, scope
    both = person("Noa", north="admin", south="reviewer")
    assert send(both, body, team="south").status_code == 403
    assert send(both, body, team="elsewhere").status_code == 422


def test_imports_of_other_teams_do_not_exist(any_app: Flask) -> None:
    person = people(any_app)
    ada, eve = person("Ada Admin", north="admin"), person("Eve", south="admin")
    job = ended(ada, send(ada, lines(incident())))
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/restart")):
        assert eve.request(method, f"/import/{job['id']}{path}").status_code == 404
    assert eve.get("/import").get_json()["items"] == []


def test_a_repeated_request_imports_once(any_app: Flask, admin: Api) -> None:
    body = DRAFT
    first, again = (send(admin, body, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert again.get_json() == first.get_json()
    assert again.headers["Idempotent-Replayed"] == "true"
    ended(admin, first)
    assert len(admin.get("/import").get_json()["items"]) == 1
    other = send(admin, body, headers={"Idempotency-Key": "k"}, dry_run="true")
    assert other.status_code == 422


def test_a_long_list_of_errors_is_cut_and_counted(admin: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.services.exchange.imports.report.MAX_LISTED", 2)
    report = ended(admin, send(admin, lines(*[incident(severity=9)] * 5)))["report"]
    assert (len(report["errors"]), report["left_off"], report["skipped"]) == (2, {"errors": 3}, 5)


def _send_form(api: Api, **fields: tuple[BytesIO, str] | str) -> TestResponse:
    return api.request("POST", "/import", data=fields, content_type="multipart/form-data")


TABLE = "Brand,When,What\nZq Imports Ltd,2019-03-02,A reply went out from the wrong account\n".encode(
    "utf-16"
)
MAPPING = """
columns: {Brand: organization, When: occurred_on, What: summary}
constants: {category: wrong-account}
"""


def test_a_foreign_table_is_sent_with_its_mapping_as_a_form(admin: Api) -> None:
    file = (BytesIO(TABLE), "crisis-log.csv")
    job = ended(admin, _send_form(admin, file=file, mapping=(BytesIO(MAPPING.encode()), "mapping.yaml")))
    assert (job["state"], job["error"], job["name"]) == ("done", None, "crisis-log.csv")
    (found,) = stored(admin)
    assert (found["category"], found["occurred_on"]) == ("wrong-account", "2019-03-02")
    assert job["guessed"] == []
    without = ended(admin, send(admin, TABLE, name="crisis-log.csv"))
    assert (without["state"], without["mapping"]) == ("failed", None)
    assert "These are not the columns of an export" in without["error"]


def test_a_dry_run_guesses_the_mapping_of_a_foreign_table_and_shows_it(admin: Api) -> None:
    tried = ended(admin, send(admin, TABLE, name="crisis-log.csv", dry_run="true"))
    assert (tried["state"], tried["error"]) == ("done", None)
    assert "columns" in tried["guessed"]
    guessed = {column["name"]: column["field"] for column in tried["columns"]}
    assert guessed == tried["mapping"]["columns"]
    assert stored(admin) == []
    mapping = json.dumps(tried["mapping"])
    sent = ended(admin, _send_form(admin, file=(BytesIO(TABLE), "crisis-log.csv"), mapping=mapping))
    assert (sent["state"], sent["mapping"], sent["guessed"]) == ("done", tried["mapping"], [])
    assert len(stored(admin)) == 1


def test_a_file_that_needs_no_mapping_has_none(admin: Api) -> None:
    tried = ended(admin, send(admin, DRAFT, dry_run="true"))
    assert (tried["mapping"], tried["guessed"], tried["columns"]) == (None, [], [])


def test_a_mapping_that_cannot_be_read_is_refused_at_once(admin: Api) -> None:
    for mapping, status in (("columns: [", 400), ("colums: {}", 422)):
        refused = _send_form(admin, file=(BytesIO(TABLE), "a.csv"), mapping=mapping)
        assert refused.status_code == status, refused.text
    assert _send_form(admin, mapping=MAPPING).status_code == 400
    assert admin.get("/import").get_json()["items"] == []


def test_a_form_with_a_key_is_imported_once(admin: Api) -> None:
    def post() -> TestResponse:
        head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n'
        body, content_type = head + DRAFT + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"
        headers = {"Idempotency-Key": "k"}
        return admin.request("POST", "/import", data=body, content_type=content_type, headers=headers)

    first, again = post(), post()
    assert (first.status_code, again.get_json()) == (202, first.get_json())
    assert ended(admin, first)["report"]["added"] == 1
