"""While another program holds the write lock of SQLite."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from kb.config import Settings
from kb.models import FailedAttempt, db
from kb.services.accounts import rate_limits
from tests.support.api import Api
from tests.support.busy_database import locked, store_what_waits
from tests.support.samples import SAMPLE_REQUESTS, SampleData, names_of


@pytest.mark.slow  # makes something of every kind, and asks for it twice; pages ask the same services
def test_every_question_is_answered_as_usual(settings: Settings, person: Callable[..., Api]) -> None:
    admin = person("Ada Admin", site_admin=True, north="admin")
    world = SampleData(admin)
    names = names_of(admin.client.application, "GET")
    asked = {name: SAMPLE_REQUESTS[name](world, admin)[1] for name in names}
    usual = {name: admin.request("GET", path).status_code for name, path in asked.items()}
    assert set(usual.values()) == {200}
    with locked(settings.sqlite_path):
        busy = {name: admin.request("GET", path).status_code for name, path in asked.items()}
    assert busy == usual


def test_every_page_opens_as_usual(settings: Settings, app: Flask, anonymous: Api) -> None:
    rules = [rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("pages.")]
    paths = [path for path in rules if "<" not in path]
    usual = [anonymous.client.get(path).status_code for path in paths]
    assert usual.count(200) > 5
    with locked(settings.sqlite_path):
        assert [anonymous.client.get(path).status_code for path in paths] == usual


def test_an_invalid_token_is_refused_at_once_and_counted(
    settings: Settings, app: Flask, anonymous: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = rate_limits.INVALID_TOKEN_BY_NETWORK._replace(max_failures=3)
    monkeypatch.setattr(rate_limits, "INVALID_TOKEN_BY_NETWORK", limit)

    def tried() -> int:
        return anonymous.get("/incidents", headers={"Authorization": "Bearer kb_guess"}).status_code

    with locked(settings.sqlite_path):
        assert [tried() for _ in range(4)] == [401, 401, 401, 429]
    assert tried() == 429
    store_what_waits(app)
    with app.app_context():
        assert db.session.scalar(select(func.count(FailedAttempt.id))) == 3
