from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask

from kb.config import Settings
from tests.conftest import running
from tests.support.api import Api
from tests.support.pages import Browser, visitor

PEOPLE = Callable[..., Api]


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application with the four-eyes rule."""
    yield from running(replace(settings, four_eyes=True))


def published(noa: Api, dana: Api, **fields: object) -> int:
    """An incident that Dana filed and Noa published."""
    filed = dana.file(status="in_review", severity=3, **fields)
    assert noa.step(f"/incidents/{filed['id']}", "publish").status_code == 200
    number: int = filed["id"]
    return number


def propose(api: Api, incident: int, **changes: object) -> int:
    """Propose a change, and return the proposal's id."""
    response = api.patch(f"/incidents/{incident}", changes, If_Match="*")
    assert response.status_code == 202, response.text
    number: int = response.get_json()["id"]
    return number


def test_what_waits_is_listed_with_who_handed_it_in_newest_last(person: PEOPLE) -> None:
    noa, dana = person("Noa", north="reviewer"), person("Dana", north="contributor")
    number = published(noa, dana, title="Long known")
    propose(dana, number, cause="Nobody had read it.")
    dana.file(title="Just handed in", status="in_review", severity=3)
    browser = visitor(noa)
    front = browser.open("/")
    page = browser.follow(front, "Waiting for review")
    assert page.texts(".rows strong") == ["Long known", "Just handed in"]
    first, second = page.texts(".rows .meta")
    assert first.startswith("a change of a published incident handed in by Dana")
    assert "UTC" in first
    assert second.startswith("an incident handed in by Dana")
    assert page.texts(".rows li > p") == ["You may decide", "You may decide"]


def test_ones_own_is_listed_for_somebody_else_to_decide(person: PEOPLE) -> None:
    noa = person("Noa", north="reviewer")
    noa.file(title="Mine", status="in_review", severity=3)
    page = visitor(noa).open("/waiting")
    assert page.texts(".rows strong") == ["Mine"]
    assert page.texts(".rows li > p") == ["Yours: somebody else must decide"]


def test_a_draft_that_was_not_handed_in_and_another_teams_are_not_listed(
    person: PEOPLE, browser: Browser
) -> None:
    dana = person("Dana", north="contributor")
    dana.file(title="Not yet")
    dana.file(title="Theirs", status="in_review", severity=3)
    stranger = visitor(person("Uri", south="admin")).open("/waiting")
    assert "Nothing is waiting" in stranger.text
    assert visitor(dana).open("/waiting").texts(".rows strong") == ["Theirs"]
    assert visitor(person("Lea", north="reader")).open("/waiting").texts(".rows li > p") == []
    assert visitor(person("Tom")).open("/waiting").status == 403
    assert browser.open("/waiting").heading == "Sign in"
