"""GET /calendar: the days to watch, and what happened to brands on them before."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from werkzeug.test import TestResponse

from kb.models import Incident
from kb.services.check.days import calendar
from tests.support.api import Api
from tests.support.icalendar import read_icalendar

MAY = {"from": "2027-05-01", "to": "2027-05-31"}


def entries(response: TestResponse) -> dict[str, dict[str, Any]]:
    assert response.status_code == 200, response.text
    return {entry["key"]: entry for entry in response.get_json()["entries"]}


def test_a_calendar_has_the_days_of_the_world_and_of_the_countries(reader: Api) -> None:
    world = entries(reader.get("/calendar", **MAY))
    israel = entries(reader.get("/calendar", country="il,gb", **MAY))
    assert "yom-hashoah" in world
    assert "yom-hazikaron" not in world
    assert world.keys() < israel.keys()
    day = israel["yom-hazikaron"]
    assert (day["first"], day["last"], day["tone"]) == ("2027-05-11", "2027-05-11", "no-promotion")
    assert (day["evening_before"], day["eve"]) == (True, "2027-05-10")
    assert "sirens" in day["note"]


@pytest.mark.parametrize(
    ("key", "first", "eve"),
    [
        ("christmas", "2027-12-25", None),
        ("yom-kippur", "2027-10-11", "2027-10-10"),
        ("tenth-of-tevet", "2026-12-20", None),
        ("yom-hazikaron", "2028-05-01", "2028-04-30"),
        ("eid-al-fitr", "2027-03-09", "2027-03-08"),
        ("purim", "2029-03-01", "2029-02-28"),
        ("ramadan-start", "2063-01-01", "2062-12-31"),
    ],
)
def test_a_day_that_begins_in_the_evening_is_in_the_calendar_of_that_evening(
    reader: Api, key: str, first: str, eve: str | None
) -> None:
    on_the_day = entries(reader.get("/calendar", country="IL", **{"from": first, "to": first}))[key]
    assert (on_the_day["first"], on_the_day["eve"]) == (first, eve)
    before = str(date.fromisoformat(first) - timedelta(days=1))
    listed = entries(reader.get("/calendar", country="IL", **{"from": before, "to": before}))
    assert listed.get(key) == (on_the_day if eve else None)


def test_risky_days_ask_for_care_or_have_gone_wrong(admin: Api) -> None:
    query = {"from": "2027-12-24", "to": "2028-01-01", "country": "US"}
    admin.file(occurred_on="2019-12-25", status="published")
    every = entries(admin.get("/calendar", **query))
    risky = entries(admin.get("/calendar", risky="true", **query))
    assert risky == {
        key: entry for key, entry in every.items() if entry["tone"] != "fine" or entry["precedents"]
    }
    assert "christmas" in risky
    assert "new-years-day" in every.keys() - risky.keys()
    _, events = read_icalendar(admin.get("/calendar.ics", risky="true", **query).get_data(as_text=True))
    assert len(events) == len(risky) + sum(entry["evening_before"] for entry in risky.values())


def test_names_and_notes_are_in_the_language_of_the_reader(reader: Api) -> None:
    response = reader.get("/calendar", country="IL", headers={"Accept-Language": "he"}, **MAY)
    assert response.get_json()["language"] == "he"
    assert entries(response)["yom-hazikaron"]["name"].startswith("יום הזיכרון")
    assert reader.get("/calendar", lang="fr", **MAY).get_json()["language"] == "en"


def test_an_entry_shows_the_incidents_of_that_day_in_any_year(reader: Api) -> None:
    day = entries(reader.get("/calendar", lang="he", **{"from": "2027-09-11", "to": "2027-09-11"}))["sept-11"]
    (precedent,) = day["precedents"]
    assert (precedent["slug"], precedent["occurred_on"]) == ("ted-cruz-nsfw-like", "2017-09-11")
    assert (precedent["language"], day["precedent_count"], day["anniversary"]) == ("he", 1, 26)


def test_only_published_incidents_of_a_day_that_the_caller_may_see_are_shown(
    admin: Api, anonymous: Api
) -> None:
    def titles(caller: Api) -> list[str]:
        day = entries(caller.get("/calendar", **{"from": "2027-12-25", "to": "2027-12-25"}))["christmas"]
        assert day["precedent_count"] >= len(day["precedents"])
        return [precedent["title"] for precedent in day["precedents"]]

    christmas = {"occurred_on": "2019-12-25", "status": "published"}
    admin.file(title="A draft", **{**christmas, "status": "draft"})
    admin.file(title="A month", **{**christmas, "occurred_on": "2019-12"})
    admin.file(title="Hidden", visibility="team", severity=1, **christmas)
    for severity in (2, 5, 3, None, 4):
        admin.file(title=f"Severity {severity}", severity=severity, **christmas)
    graver = ["Severity 5", "Severity 4", "Severity 3", "Severity 2"]
    assert titles(anonymous) == [*graver, "Severity None"]
    assert titles(admin) == [*graver, "Hidden"]


def test_incidents_about_a_day_come_before_graver_ones_that_happened_on_it(admin: Api) -> None:
    christmas = {"occurred_on": "2019-12-25", "status": "published"}
    told = {"summary": "On Christmas Day it wished all debtors a merry time."}
    dated = {"summary": "On 25 December 2019 its account liked a video."}
    admin.file(title="Wrong account", severity=5, **christmas, **dated)
    admin.file(title="A jolly reminder", severity=1, **christmas, **told)
    admin.file(title="Christmas sale of coffins", severity=2, **christmas)
    days = entries(admin.get("/calendar", **{"from": "2027-12-25", "to": "2027-12-25"}))
    titles = [each["title"] for each in days["christmas"]["precedents"]]
    assert titles == ["Christmas sale of coffins", "A jolly reminder", "Wrong account"]
    assert (days["christmas"]["about_count"], days["christmas"]["precedent_count"]) == (2, 3)


def test_of_many_days_each_shows_fewer_incidents_and_counts_them_all(
    admin: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in ("2019-12-25", "2019-02-14"):
        for severity in (2, 5, 3):
            admin.file(title=f"{severity}", severity=severity, occurred_on=day, status="published")
    query = {"from": "2027", "to": "2027"}
    with_incidents = {
        key for key, day in entries(admin.get("/calendar", **query)).items() if day["precedents"]
    }
    monkeypatch.setattr(calendar, "MAX_ALL_PRECEDENTS", 2 * len(with_incidents))
    loaded = 0

    def count(*_: Any) -> None:
        nonlocal loaded
        loaded += 1

    event.listen(Incident, "load", count)
    try:
        days = entries(admin.get("/calendar", **query))
    finally:
        event.remove(Incident, "load", count)
    assert [each["title"] for each in days["christmas"]["precedents"]] == ["5", "3"]
    assert days["christmas"]["precedent_count"] == 3
    assert {key for key, day in days.items() if day["precedents"]} == with_incidents
    assert 0 < loaded <= 2 * len(with_incidents)


def test_the_default_is_a_year_from_the_first_of_this_month(reader: Api) -> None:
    body = reader.get("/calendar").get_json()
    assert body["from"].endswith("-01")
    assert int(body["to"][:4]) == int(body["from"][:4]) + (body["from"][5:7] != "01")
    assert len({entry["key"] for entry in body["entries"]}) > 100


@pytest.mark.parametrize(
    ("first", "last"),
    [("2027-03-15", "2028-03-14"), ("2027-03-01", "2028-02-29"), ("2028-02-29", "2029-02-28")],
)
def test_a_year_from_a_day_ends_before_that_day_comes_again(reader: Api, first: str, last: str) -> None:
    assert reader.get("/calendar", **{"from": first}).get_json()["to"] == last


@pytest.mark.parametrize(
    ("query", "name", "advice"),
    [
        ({"country": "1L"}, "country", "such as US"),
        ({"country": "Israel"}, "country", "such as US"),
        ({"from": "2027", "to": "2026"}, "to", "earlier"),
        ({"from": "2027", "to": "2030"}, "to", "at most 3 years"),
        ({"from": "1899-01", "to": "1899-02"}, "from", "1900 to 2099"),
        ({"from": "9999-12"}, "from", "1900 to 2099"),
        ({"from": "2099-02"}, "to", "1900 to 2099"),
        ({"from": "May"}, "from", "2018-05"),
        ({"form": "2027"}, "form", "Did you mean"),
        ({"risky": "maybe"}, "risky", "true or false"),
    ],
)
def test_a_wrong_parameter_says_what_to_write(
    reader: Api, query: dict[str, str], name: str, advice: str
) -> None:
    response = reader.get("/calendar", **query)
    assert response.status_code == 422
    (error,) = response.get_json()["errors"]
    assert name in str(error)
    assert advice in error["detail"]


def test_a_calendar_program_reads_the_same_days(reader: Api) -> None:
    query = {"country": "IL", "lang": "he", **MAY}
    response = reader.get("/calendar.ics", **query)
    assert (response.status_code, response.mimetype) == (200, "text/calendar")
    header, events = read_icalendar(response.get_data(as_text=True))
    assert header["REFRESH-INTERVAL"] == "P1D"
    listed = entries(reader.get("/calendar", **query)).values()
    begun = [day for entry in listed for day in (entry["eve"], entry["first"]) if day]
    assert [event["DTSTART"] for event in events] == [day.replace("-", "") for day in begun]
    assert "יום העצמאות" in {event["SUMMARY"] for event in events}
    by_header = reader.get("/calendar", headers={"Accept": "text/calendar"}, **query)
    assert by_header.data == response.data


def test_an_unchanged_calendar_is_not_sent_again(admin: Api) -> None:
    query = {"from": "2027-12-25", "to": "2027-12-25"}
    for path in ("/calendar", "/calendar.ics"):
        etag = admin.get(path, **query).headers["ETag"]
        assert admin.get(path, headers={"If-None-Match": etag}, **query).status_code == 304
        admin.file(occurred_on="2019-12-25", status="published")
        assert admin.get(path, headers={"If-None-Match": etag}, **query).status_code == 200
