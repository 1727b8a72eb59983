"""An answer from an index that lacks changes says so, until it lacks none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from kb.config import Settings
from kb.factory import create_app
from kb.services.search import sync
from tests.support.api import Api, callers
from tests.support.pages import visitor
from tests.support.waiting import PATIENCE, eventually

ASKED: dict[str, Callable[[Api], TestResponse]] = {
    "search": lambda api: api.get("/search", q="zebra"),
    "search with facets": lambda api: api.get("/search", q="zebra", facets="category"),
    "search for everything": lambda api: api.get("/search"),
    "suggest": lambda api: api.get("/suggest", q="zeb"),
    "similar": lambda api: api.get("/incidents/1/similar"),
    "check": lambda api: api.post("/checks", {"text": "A zebra"}),
    "calendar": lambda api: api.post("/checks/batch", [{"text": ""}, {"text": "A zebra"}]),
}
"""Every way to ask the index."""


@pytest.fixture
def lagging(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody brings the index up to date: as while another process is at it."""
    with monkeypatch.context() as patch:
        patch.setattr(sync, "catch_up", lambda _: False)
        patch.setattr(sync, "_GRACE_PERIOD", timedelta(days=1))
        yield


def catch_up(app: Flask) -> None:
    with app.app_context():
        sync.sync(timeout=PATIENCE)


def status_of(answer: TestResponse) -> str:
    assert answer.status_code == 200, answer.text
    return answer.headers["Index-Status"]


@pytest.mark.usefixtures("lagging")
@pytest.mark.parametrize("name", ASKED)
def test_an_answer_says_that_the_index_is_behind_until_it_is_not(app: Flask, admin: Api, name: str) -> None:
    ask = ASKED[name]
    assert [status_of(ask(admin)) for _ in range(2)] == ["current", "current"]
    admin.file(title="Zebra", status="published")
    assert [status_of(ask(admin)) for _ in range(2)] == ["pending", "pending"]
    catch_up(app)
    assert [status_of(ask(admin)) for _ in range(2)] == ["current", "current"]


@pytest.mark.usefixtures("lagging")
def test_what_other_teams_write_for_themselves_makes_no_index_look_behind(
    as_role: Callable[..., Api],
) -> None:
    north, south = (as_role("contributor", team=team) for team in ("north", "south"))
    north.file(title="Zebra")
    assert status_of(ASKED["search"](north)) == "pending"
    assert {status_of(ASKED["search"](other)) for other in (south, as_role())} == {"current"}


def test_what_asks_no_index_says_nothing_of_it(reader: Api) -> None:
    for path in ("/incidents", "/incidents/1", "/trends", "/health/live"):
        assert "Index-Status" not in reader.get(path).headers


def test_a_second_machine_says_that_it_lacks_what_the_first_has_written(
    any_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two machines share a database, and each has its own index."""
    url = any_settings.database_url or f"sqlite:///{any_settings.sqlite_path}"
    elsewhere = replace(any_settings, data_dir=tmp_path / "elsewhere", database_url=url)
    first, second = create_app(any_settings), create_app(elsewhere)
    here, there = callers(first)("site_admin"), callers(second)()
    eventually(lambda: there.get("/health/ready").status_code == 200)
    with monkeypatch.context() as patch:
        patch.setattr(sync, "_GRACE_PERIOD", timedelta(days=1))
        here.file(title="Zebra", status="published")
        found = there.get("/search", q="zebra")
        assert (found.get_json()["total"], status_of(found)) == (0, "pending")
    eventually(lambda: status_of(there.get("/search", q="zebra")) == "current")
    assert there.get("/search", q="zebra").get_json()["total"] == 1


NOTES = {"en": "The latest changes to incidents are not included", "he": "השינויים האחרונים באירועים"}


@pytest.mark.usefixtures("lagging")
@pytest.mark.parametrize("language", NOTES)
def test_pages_say_it_too_in_a_quiet_line(app: Flask, admin: Api, language: str) -> None:
    browser = visitor(admin, language)

    def pages() -> list[Any]:
        checked = browser.open("/check")
        form = next(button for button in checked.texts("main form button") if button)
        return [
            browser.open("/search?q=photo"),
            browser.open("/incidents/3"),
            browser.send(checked, form, text="A zebra"),
        ]

    assert not any(NOTES[language] in page.text for page in pages())
    admin.file(title="Zebra", status="published")
    assert all(NOTES[language] in page.text for page in pages())
    catch_up(app)
    assert not any(NOTES[language] in page.text for page in pages())
