"""Guards of the type `placeholder` of the kind `day`: days that a scheduled draft cannot mean."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.support.guard_matches import analyzed, found, matcher

DAYS = matcher("placeholder", kinds=["day"])
DATES = st.dates(datetime.date(2024, 1, 1), datetime.date(2035, 12, 31))
NOON = datetime.datetime(2026, 11, 30, 12, tzinfo=datetime.UTC)
HEBREW_DAYS = ("יום שני", "יום שלישי", "יום רביעי", "יום חמישי", "יום שישי", "שבת", "יום ראשון")


def days(text: str, scheduled: datetime.date) -> list[str]:
    """The days in a draft that is scheduled for a date at noon that cannot be meant."""
    noon = datetime.datetime.combine(scheduled, datetime.time(12), datetime.UTC)
    return found(DAYS, text, scheduled_at=noon)


@given(DATES, st.integers(0, 250))
def test_a_day_to_come_with_its_day_of_the_week_is_left_alone(scheduled: datetime.date, later: int) -> None:
    day = scheduled + datetime.timedelta(later)
    for text in (
        f"Join us on {day:%A} {day.day} {day:%B}.",
        f"See you on {day:%A}, {day:%B} {day.day}, {day.year}!",
        f"ניפגש ב{HEBREW_DAYS[day.weekday()]}, {day.day}.{day.month}, בגן",
    ):
        assert days(text, scheduled) == []


@given(DATES, st.integers(0, 250), st.integers(1, 6))
def test_a_day_on_another_day_of_the_week_is_found(scheduled: datetime.date, later: int, other: int) -> None:
    day = scheduled + datetime.timedelta(later)
    assume((day.month, day.day) != (2, 29))
    named = day + datetime.timedelta(other)
    assert days(f"Join us on {named:%A} {day.day} {day:%B}.", scheduled) == [f"{day.day} {day:%B}"]


@given(DATES, st.integers(1, 2_000))
def test_an_announced_day_is_found_once_it_is_past(scheduled: datetime.date, earlier: int) -> None:
    day = scheduled - datetime.timedelta(earlier)
    assume(day.year > 2000)
    written = f"{day.day} {day:%B} {day.year}"
    assert days(f"Join us on {written} for our open day.", scheduled) == [written]
    assert days(f"We opened on {written} with four tables.", scheduled) == []


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Open Friday 11 December and Sunday 13 December", []),
        ("Friday to Sunday, 13 December", []),
        ("Our open day (12 December, Friday) is back", ["12 December"]),
        ("Sale from 1 November 2026 until 10 December 2026", []),
        ("Sale until 20 November 2026", ["20 November 2026"]),
        ("On 24 February 2022 the war began. Join us", []),
        ("בואו להדלקת נרות בליל שבת 11.12", []),
        ("ניפגש ביום חמישי, 12.12, בשעה 20:00", ["12.12"]),
        ("ההרשמה עד 1.3.2025, מהרו!", ["1.3.2025"]),
        ("נוסדנו ב-1.3.1995, וההרשמה בעיצומה", []),
    ],
)
def test_days_in_other_forms(text: str, parts: list[str]) -> None:
    assert days(text, NOON.date()) == parts


def test_nothing_is_found_in_a_draft_that_is_not_scheduled() -> None:
    assert found(DAYS, "Join us on Friday 12 December 2019 for our open day.") == []


def test_a_message_says_which_day_of_the_week_it_is() -> None:
    draft = analyzed("Join us on Friday 12 December.", scheduled_at=NOON)
    (match,) = DAYS.matches(draft)
    assert match.values["kind"] == {"en": "is a Saturday", "he": "חל בשבת"}
