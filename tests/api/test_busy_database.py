"""While another program holds the write lock of SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest
from flask import Flask
from sqlalchemy import func, select

from kb.config import Settings
from kb.models import FailedAttempt, db
from kb.services.accounts import rate_limits, sessions
from tests.support.accounts import sign_in, sign_up
from tests.support.api import Api
from tests.support.samples import SAMPLE_REQUESTS, SampleData, names_of

RECORDED = {
    "list_incidents_csv",
    "search_csv",
    "list_checks_csv",
    "export_incidents",
    "export_incidents_csv",
    "export_incidents_markdown",
    "export_incidents_aiid",
    "export_incidents_veris",
    "export_views",
}
"""Exports of signed-in callers are in the audit log before they are answered."""


@contextmanager
def _locked(settings: Settings) -> Iterator[None]:
    """Hold the write lock from a connection of another program's own."""
    with closing(sqlite3.connect(settings.sqlite_path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@pytest.mark.slow  # makes something of every kind, and asks for it twice; pages ask the same services
def test_every_question_is_answered_as_usual(settings: Settings, person: Callable[..., Api]) -> None:
    admin = person("Ada Admin", site_admin=True, north="admin")
    world = SampleData(admin)
    names = names_of(admin.client.application, "GET")
    asked = {name: SAMPLE_REQUESTS[name](world, admin)[1] for name in names}
    usual = {name: admin.request("GET", path).status_code for name, path in asked.items()}
    assert set(usual.values()) == {200}
    with _locked(settings):
        busy = {name: admin.request("GET", path).status_code for name, path in asked.items()}
    assert busy == usual | dict.fromkeys(RECORDED, 503)


def test_every_page_opens_as_usual(settings: Settings, app: Flask, anonymous: Api) -> None:
    rules = [rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("pages.")]
    paths = [path for path in rules if "<" not in path]
    usual = [anonymous.client.get(path).status_code for path in paths]
    assert usual.count(200) > 5
    with _locked(settings):
        assert [anonymous.client.get(path).status_code for path in paths] == usual


def test_an_invalid_token_is_refused_at_once_and_counted_later(
    settings: Settings, app: Flask, anonymous: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = rate_limits.INVALID_TOKEN_BY_NETWORK._replace(max_failures=3)
    monkeypatch.setattr(rate_limits, "INVALID_TOKEN_BY_NETWORK", limit)

    def tried() -> int:
        return anonymous.get("/incidents", headers={"Authorization": "Bearer kb_guess"}).status_code

    with _locked(settings):
        assert [tried() for _ in range(2)] == [401, 401]
    assert [tried() for _ in range(2)] == [401, 429]
    with app.app_context():
        assert db.session.scalar(select(func.count(FailedAttempt.id))) == 3


def test_a_sign_in_says_why_it_must_wait(
    settings: Settings, person: Callable[..., Api], anonymous: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "BRIEF_WAIT", 0.1)
    sign_up(person("Ada Admin", site_admin=True))
    with _locked(settings):
        refused = sign_in(anonymous)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    assert "busy with other writes" in refused.get_json()["detail"]
    assert sign_in(anonymous).status_code == 201
