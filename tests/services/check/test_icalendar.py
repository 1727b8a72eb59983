"""The text of a calendar is iCalendar that a program reads back as it was meant."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from kb.services.check.days.calendar import Calendar
from kb.services.check.days.icalendar import fold, icalendar_text
from kb.services.check.days.words import anniversary
from kb.services.core.installation import Installation
from tests.support.icalendar import read_icalendar

INSTALLATION = Installation(UUID(int=7), datetime(2026, 3, 1, 8, 30, tzinfo=UTC))
ENTRY: dict[str, Any] = {
    "key": "yom-hazikaron",
    "name": "Memorial Day",
    "first": date(2027, 5, 11),
    "last": date(2027, 5, 11),
    "evening_before": False,
    "eve": None,
    "approximate": False,
    "anniversary": None,
    "tone": "no-promotion",
    "kind": "commemoration",
    "countries": ["IL"],
    "note": None,
    "precedents": [],
    "about_count": 0,
    "precedent_count": 0,
}


def text_of(language: str = "en", **changes: Any) -> str:
    calendar = Calendar(date(2027, 1, 1), date(2027, 12, 31), ("IL",), language, [{**ENTRY, **changes}])
    return icalendar_text(calendar, INSTALLATION)


def test_an_entry_is_an_event_of_whole_days_that_does_not_block_time() -> None:
    _, (event,) = read_icalendar(text_of(last=date(2027, 5, 13)))
    assert event["SUMMARY"] == "Memorial Day (no promotion)"
    assert (event["DTSTART"], event["DTEND"]) == ("20270511", "20270514")
    assert event["DTSTAMP"] == "20260301T083000Z"
    assert event["TRANSP"] == "TRANSPARENT"
    assert event["DESCRIPTION"] == "no promotion · commemoration"


def test_a_happy_commemoration_is_a_national_day() -> None:
    _, (event,) = read_icalendar(text_of(name="Independence Day", tone="fine"))
    assert event["DESCRIPTION"] == "fine · national day"
    _, (event,) = read_icalendar(text_of("he", tone="fine"))
    assert event["DESCRIPTION"] == "מתאים לפרסום · יום לאומי"


@pytest.mark.parametrize(
    ("language", "summary", "evening"),
    [
        ("en", "Begins this evening: Memorial Day (no promotion)", "May 10, 2027"),
        ("he", "החל מהערב: Memorial Day (בלי פרסום ומבצעים)", "10 במאי 2027"),
    ],
)
def test_what_begins_in_the_evening_has_an_event_on_that_day_too(
    language: str, summary: str, evening: str
) -> None:
    _, (eve, day) = read_icalendar(text_of(language, eve=date(2027, 5, 10)))
    assert (eve["DTSTART"], eve["DTEND"], eve["SUMMARY"]) == ("20270510", "20270511", summary)
    assert (day["DTSTART"], day["DTEND"]) == ("20270511", "20270512")
    assert eve["DESCRIPTION"] == day["DESCRIPTION"]
    assert evening in eve["DESCRIPTION"]


def test_texts_come_back_as_they_were() -> None:
    title = 'A; "B", C\\n\nD\r\nE: ' + "שלום 🎄 " * 30
    changed = datetime(2026, 4, 1, tzinfo=UTC)
    entry = {"title": title, "organization": "Acme", "occurred_on": "2018-05-16", "updated_at": changed}
    _, (event,) = read_icalendar(text_of("he", note="a\x07b", precedents=[entry], precedent_count=1))
    lines = event["DESCRIPTION"].split("\n")
    assert lines[:3] == ["בלי פרסום ומבצעים · זיכרון", "ab", "אירוע אחד קרה ביום זה:"]
    assert "\n".join(lines[3:]) == f"• {title} (Acme, 16 במאי 2018)".replace("\r\n", "\n")
    assert event["DTSTAMP"] == "20260401T000000Z"


def test_incidents_about_a_day_come_before_those_that_happened_on_it() -> None:
    incident = {"organization": "Acme", "occurred_on": "2018-05-16", "updated_at": INSTALLATION.created_at}
    three = [{**incident, "title": title} for title in "ABC"]
    _, (event,) = read_icalendar(text_of(precedents=three, precedent_count=7, about_count=1))
    assert event["DESCRIPTION"].split("\n")[1:] == [
        "About this day:",
        "• A (Acme, May 16, 2018)",
        "Others that happened on it:",
        "• B (Acme, May 16, 2018)",
        "• C (Acme, May 16, 2018)",
        "and 4 more",
    ]


def test_an_entry_has_one_uid_in_all_languages_and_another_each_year_and_for_its_eve() -> None:
    def uid(*args: Any, **kwargs: Any) -> str:
        _, (event, *_) = read_icalendar(text_of(*args, **kwargs))
        return event["UID"]

    assert uid("en") == uid("he") == uid(note="new")
    eve = date(2027, 5, 10)
    assert uid("en", eve=eve) == uid("he", eve=eve)
    next_year = uid(first=date(2028, 5, 1), last=date(2028, 5, 1))
    assert len({uid(), uid(eve=eve), next_year, uid(key="yom-hashoah")}) == 4


@pytest.mark.parametrize("text", ["", "a" * 75, "a" * 76, "א" * 200, "🎄" * 50, "a" * 74 + "ש" + "b" * 74])
def test_a_line_is_folded_between_characters(text: str) -> None:
    first, *others = fold(text)
    assert all(len(part.encode()) <= 75 for part in (first, *others))
    assert first + "".join(part[1:] for part in others) == text
    assert all(part.startswith(" ") for part in others)


@pytest.mark.parametrize(
    ("years", "english", "hebrew"),
    [
        (None, None, None),
        (0, None, None),
        (1, "One year since.", "במלאת שנה."),
        (2, "2 years since.", "במלאת שנתיים."),
        (10, "10 years since.", "במלאת 10 שנים."),
        (26, "26 years since.", "במלאת 26 שנה."),
    ],
)
def test_years_are_counted_as_people_say_them(years: int | None, english: str, hebrew: str) -> None:
    assert (anniversary(years, "en"), anniversary(years, "he")) == (english, hebrew)
