"""Others are served while a long answer is made: between its rows, days and incidents."""

from __future__ import annotations

from io import BytesIO

import pytest

from kb import pauses
from kb.services.check.days import calendar
from tests.support.api import Api
from tests.support.pages import visitor

POSTS = "Date,Copy\n" + "2027-09-11,Half price today\n" * 7


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An entry for each time that others were served, as if each step took long."""
    rests: list[str] = []
    monkeypatch.setattr(pauses, "PIECE_SECONDS", -1)
    monkeypatch.setattr(pauses, "rest", lambda *_: rests.append("rest"))
    return rests


def test_trends_as_a_table(admin: Api, rests: list[str]) -> None:
    answer = admin.get("/trends.csv", interval="year", **{"from": "2001", "to": "2009"})
    assert answer.status_code == 200
    rows = len(answer.text.splitlines()) - 1
    assert len(rests) > rows >= 9


def test_a_search_before_its_hits_are_explained_and_before_they_are_presented(
    admin: Api, rests: list[str]
) -> None:
    assert admin.get("/search", q="photo", explain="true").get_json()["items"]
    assert len(rests) == 2


def test_the_days_to_watch_with_their_incidents(
    admin: Api, rests: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar, "_READ_AT_ONCE", 1)
    for day in ("2019-09-11", "2020-03-08"):
        admin.file(title=f"On {day}", status="published", occurred_on=day)
    known = admin.get("/calendar", **{"from": "2027-01-01", "to": "2027-12-31"}).get_json()
    found = {each["id"] for entry in known["entries"] for each in entry["precedents"]}
    steps = 4
    assert len(found) >= 2
    assert len(rests) >= steps + len(found)


def test_the_rows_of_a_calendar_of_posts(admin: Api, rests: list[str]) -> None:
    browser = visitor(admin)
    file = (BytesIO(POSTS.encode()), "plan.csv")
    assert browser.send(browser.open("/check/calendar"), "Check the calendar", file=file).status == 200
    assert len(rests) >= 7


def test_the_guards_of_a_long_draft(admin: Api, rests: list[str]) -> None:
    draft = "September 11 sale. Click here. Need copy and link****. "
    assert admin.post("/checks", {"text": draft}).get_json()["findings"]
    assert not rests, "a short draft is checked in one go"
    found = admin.post("/checks", {"text": draft * 300}).get_json()["findings"]
    assert len(rests) > len({finding["guard"] for finding in found}) >= 2
