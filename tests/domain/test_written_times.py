"""Dates and times of calendar tools."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from kb.domain.written_times import DateOrder, date_order, parse_schedule

JERUSALEM = ZoneInfo("Asia/Jerusalem")


@pytest.mark.parametrize(
    "text",
    [
        "2027-09-11T09:00", "2027-09-11 09:00:00", "2027-09-11T09:00:00.000+03:00", "2027-09-11T06:00Z",
        "2027/09/11 9:00 AM", "11.9.2027 9:00", "11.9.27, 09:00", "11-Sep-2027 09:00", "Sep 11, 2027 9:00 am",
        "Saturday, September 11, 2027 at 9 a.m.", "Sat 11th Sep 2027 09:00", "11 בספטמבר 2027 בשעה 09:00",
        "יום שבת 11.9.2027 09:00", "שבת 11.9.2027 09:00", "  11.9.2027   09:00 ", "\u200f11.9.2027 09:00",
        "September 11, 2027 9:00 AM (GMT+3)", "2027-09-11 09:00 → 2027-09-12 10:00", "46641.375",
    ],
)  # fmt: skip
def test_a_time_is_read_in_the_forms_of_calendar_tools(text: str) -> None:
    schedule = parse_schedule(text, JERUSALEM, None)
    assert schedule.at == datetime(2027, 9, 11, 9, tzinfo=JERUSALEM)
    assert schedule.has_time


def test_a_day_alone_means_its_noon_so_that_it_is_not_the_night_before() -> None:
    schedule = parse_schedule("11.9.2027", JERUSALEM, None)
    assert (schedule.at, schedule.has_time) == (datetime(2027, 9, 11, 12, tzinfo=JERUSALEM), False)


def test_the_order_of_day_and_month_is_that_of_the_file_and_never_guessed() -> None:
    assert date_order(["03/04/2027", "28/04/2027 10:00", ""]) is DateOrder.DAY_FIRST
    assert date_order(["03/04/2027", "04/28/2027 10:00"]) is DateOrder.MONTH_FIRST
    assert date_order(["28/04/2027", "04/28/2027"]) is None
    assert parse_schedule("03/04/2027", JERUSALEM, DateOrder.DAY_FIRST).at.month == 4
    assert parse_schedule("03/04/2027", JERUSALEM, DateOrder.MONTH_FIRST).at.month == 3
    assert parse_schedule("28/04/2027", JERUSALEM, None).at.month == 4
    with pytest.raises(ValueError, match="in two ways"):
        parse_schedule("03/04/2027", JERUSALEM, None)


@pytest.mark.parametrize(
    "text",
    [
        "soon", "10/5", "31/31/2027", "2027-09-11 25:00", "2027-09-11 9", "0001-01-01", "11 Foo 2027",
        "Junior 5 2027", "03/04/9999",
    ],
)  # fmt: skip
def test_anything_else_is_an_error_that_says_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match="2027-09-11 09:00"):
        parse_schedule(text, JERUSALEM, None)


@pytest.mark.parametrize("text", ["someday 12", "Mayor 5", "1 Marketing", "12:00"])
def test_what_only_looks_like_a_day_without_a_year_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="is not a date and time"):
        parse_schedule(text, JERUSALEM, None, date(2026, 11, 26))


@pytest.mark.parametrize("text", ["next Tuesday", "יום שלישי הבא", "Tuesday, someday"])
def test_what_cannot_be_read_is_quoted_with_its_weekday(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        parse_schedule(text, JERUSALEM, None)
