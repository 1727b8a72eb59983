"""A date with its year is a slip if it falls on another day of the week."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.guard_matches import found, matcher

SLIPS = matcher("placeholder", kinds=["slip"])
DATES = st.dates(datetime.date(2020, 1, 1), datetime.date(2039, 12, 31))
HEBREW_DAYS = ("שני", "שלישי", "רביעי", "חמישי", "שישי", "שבת", "ראשון")


@given(DATES)
def test_the_right_day_of_the_week_is_left_alone(date: datetime.date) -> None:
    for text in (
        f"Join us on {date:%A} {date.day} {date:%B} {date.year}.",
        f"Join us on {date:%A}, {date:%b} {date.day}, {date.year}.",
        f"See you {date:%a} {date.day}/{date.month}/{date.year}",
        f"See you {date:%A} {date.month}/{date.day}/{date.year}",
        f"See you {date:%A}, {date.isoformat()}",
        f"ניפגש ביום {HEBREW_DAYS[date.weekday()]} {date.day}.{date.month}.{date.year} בגן",
    ):
        assert found(SLIPS, text) == []


@given(DATES, st.integers(1, 6))
def test_another_day_of_the_week_is_found(date: datetime.date, later: int) -> None:
    other = date + datetime.timedelta(later)
    hebrew = f"יום {HEBREW_DAYS[other.weekday()]} {date.day}.{date.month}.{date.year}"
    english = f"{other:%A} {date.day} {date:%B} {date.year}"
    assert found(SLIPS, f"Join us on {english}.") == [english]
    swapped_is_right = date.day <= 12 and (
        datetime.date(date.year, date.day, date.month).weekday() == other.weekday()
    )
    assert found(SLIPS, f"ניפגש: {hebrew}, בגן") == ([] if swapped_is_right else [hebrew])


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Saturday, March 14th, 2026 at noon", []),
        ("Sunday, March 14th, 2026 at noon", ["Sunday, March 14th, 2026"]),
        ("ניפגש בשבת 14 ביולי 2026", ["בשבת 14 ביולי 2026"]),
        ("ביום ג' 14.7.2026 בנמל", []),
        ("Friday 14 July", []),
        ("קבלה בליל שבת 13.3.2026", []),
        ("ארוחת ערב שבת 13.3.2026", []),
        ("Open Mon-Fri 1 June 2026 to 30 June 2026", []),
        ("Monday to Friday, 01/06/2026", []),
        ("The committee sat 12 March 2024.", []),
        ("בגן, יום שישי 14.7.2026", ["יום שישי 14.7.2026"]),
        ("friday 14 july 2026", ["friday 14 july 2026"]),
    ],
)
def test_dates_in_other_forms(text: str, parts: list[str]) -> None:
    assert found(SLIPS, text) == parts
