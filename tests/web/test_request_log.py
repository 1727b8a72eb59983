"""The request log: one line a request, with an id, and nothing that is private."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from psycopg import DataError
from sqlalchemy.exc import IntegrityError, OperationalError

from kb.config import Settings
from kb.models import db
from kb.services.core import change_feed
from kb.web.logs import JSONFormatter, TextFormatter
from kb.web.request_log import loggable_path
from kb.web.tracebacks import error_line
from tests.support.api import Api, running

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[Lines]:
    """What has been logged so far, as `kb serve` writes it."""
    formatter = JSONFormatter()

    def read() -> list[dict[str, Any]]:
        written = [formatter.format(record) for record in caplog.records]
        assert all(line.isascii() and line.isprintable() for line in written)
        return [json.loads(line) for line in written]

    with caplog.at_level(logging.INFO, "kb"):
        yield read


def test_a_request_is_one_line_without_its_query(reader: Api, lines: Lines) -> None:
    response = reader.get("/search", q="our secret campaign")
    (line,) = lines()
    assert line.keys() == {"time", "level", "event", "method", "path", "status", "ms", "request_id"}
    assert (line["event"], line["method"], line["path"]) == ("request", "GET", "/api/v1/search")
    assert (line["status"], line["request_id"]) == (200, response.headers["X-Request-Id"])
    assert line["ms"] > 0


def test_refused_requests_are_logged_too(reader: Api, lines: Lines) -> None:
    reader.get("/nothing")
    reader.get("/search", limit="many")
    reader.request("POST", "/incidents", data="{")
    assert [line["status"] for line in lines()] == [404, 422, 401]


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/api/v1/incidents/7", "/api/v1/incidents/7"),
        ("/api/v1/teams/social-media/members/dana@example.com", "/api/v1/teams/social-media/members/*"),
        ("/api/v1/kb_0123456789", "/api/v1/*"),
        ('/a\n{"event": "forged"}', "/*"),
        ("/קמפיין", "/*"),
        ("/" + "a" * 1_000, "/*"),
        ("/reset/9f86d081884c7d659a2feaa0c55ad015", "/reset/*"),
        ("/incidents/7-the-launch-of-2019-that-failed", "/incidents/7-the-launch-of-2019-that-failed"),
        ("/" * 100, "/" * 12 + "..."),
    ],
)
def test_a_path_is_logged_without_what_may_be_private(path: str, logged: str) -> None:
    assert loggable_path(path) == logged


def test_a_reasonable_id_is_adopted_and_any_other_replaced(reader: Api) -> None:
    def answered(sent: str) -> str:
        return reader.get("/health/live", headers={"X-Request-Id": sent}).headers["X-Request-Id"]

    for accepted in ("4bf92f3577b34da6a3ce929d0e0e4736", "Root=1-67891233-abcdef", "a/b+c=="):
        assert answered(accepted) == accepted
    replaced = {answered(refused) for refused in ("", "a b", '"}', "זהות", "x" * 129)}
    assert len(replaced) == 5
    assert all(len(number) == 16 for number in replaced)


def test_an_unexpected_error_is_logged_with_the_id_that_the_answer_names(
    reader: Api, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("broken\nfor kb_0123456789012345678901234567890")

    monkeypatch.setattr(change_feed, "list_changes", fail)
    response = reader.get("/changes")
    error, request = lines()
    assert response.status_code == request["status"] == 500
    assert response.headers["X-Request-Id"] in response.get_json()["detail"]
    assert error["request_id"] == request["request_id"] == response.headers["X-Request-Id"]
    assert error["event"] == "GET /api/v1/changes failed"
    assert error["exception"].startswith("  File ")
    assert error["exception"].endswith("builtins.RuntimeError: broken\n")


def test_the_row_that_a_database_repeats_is_not_logged(
    reader: Api, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        cause = ValueError("violates a constraint\nDETAIL:  Failing row contains (1, our secret campaign).")
        raise IntegrityError(
            "INSERT", {"title": "our secret campaign"}, cause, hide_parameters=True
        ) from cause

    monkeypatch.setattr(change_feed, "list_changes", fail)
    assert reader.get("/changes").status_code == 500
    text = json.dumps(lines())
    assert "violates a constraint" in text
    assert "secret" not in text


def test_the_traceback_of_an_error_that_repeats_is_logged_once_and_each_request_in_one_line(
    reader: Api, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("SELECT", {}, Exception("connection refused\nIs the server running?"))

    monkeypatch.setattr(change_feed, "list_changes", fail)
    ids = [reader.get("/changes").headers["X-Request-Id"] for _ in range(3)]
    written = lines()
    assert [line["event"] for line in written] == ["GET /api/v1/changes failed", *["request"] * 3]
    assert [line["request_id"] for line in written] == [ids[0], *ids]
    assert {line["error"] for line in written[1:]} == {
        "sqlalchemy.exc.OperationalError: (builtins.Exception) connection refused"
    }


def test_what_is_logged_during_a_request_has_its_id(
    reader: Api, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def warn(*_: object, **__: object) -> dict[str, Any]:
        logging.getLogger("kb.somewhere").warning("Careful.")
        return {"items": [], "since": 0}

    monkeypatch.setattr(change_feed, "list_changes", warn)
    request_id = reader.get("/changes").headers["X-Request-Id"]
    assert [(line["event"], line["request_id"]) for line in lines()] == [
        ("Careful.", request_id),
        ("request", request_id),
    ]


def test_a_value_that_a_database_refused_is_not_logged() -> None:
    cause = DataError('invalid input syntax for type integer: "our secret campaign"')
    assert error_line(cause) == f"{DataError.__module__}.DataError: invalid input syntax for type integer"


def test_text_for_people_is_one_line_without_codes_that_control_a_terminal() -> None:
    record = logging.makeLogRecord(
        {"msg": "a\nFAKE \x1b[31m \u202e עברית kb_0123456789012345678901234567890", "levelname": "INFO"}
    )
    line = TextFormatter().format(record)
    assert r" info a\nFAKE \x1b[31m \u202e עברית kb_***" in line
    assert line.isprintable()


def test_the_log_can_be_switched_off_and_ids_remain(settings: Settings, lines: Lines) -> None:
    for app in running(replace(settings, access_log="off")):
        assert "X-Request-Id" in app.test_client().get("/health/live").headers
    assert lines() == []


def test_requests_that_failed_are_logged_even_when_the_log_is_off(
    settings: Settings, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_feed, "list_changes", lambda *_, **__: 1 / 0)
    for app in running(replace(settings, access_log="off")):
        app.test_client().get("/api/v1/changes")
    assert [line["event"] for line in lines()] == ["GET /api/v1/changes failed", "request"]


def test_statements_are_logged_without_their_parameters(shared_app: Flask) -> None:
    with shared_app.app_context():
        assert db.engine.hide_parameters
