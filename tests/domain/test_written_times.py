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


@pytest.mark.parametrize(
    "text",
    [
        "46641 0.375", "46641.0 0.375", "46641 .375", "46641 9:00", "46641 09:00:00", "46641, 9:00 AM",
        "2027-09-11 0.375", "11.9.2027 0.375", "2027-09-11 0.37500000000000006", "46641 morning",
    ],
)  # fmt: skip
def test_the_numbers_of_a_spreadsheet_are_read_beside_a_time_and_as_one(text: str) -> None:
    schedule = parse_schedule(text, JERUSALEM, None)
    assert schedule.at == datetime(2027, 9, 11, 9, tzinfo=JERUSALEM)


def test_what_the_numbers_of_a_spreadsheet_were_read_as_is_said() -> None:
    notes = parse_schedule("46641 0.25", JERUSALEM, None).notes
    assert notes == ("'46641' was read as 2027-09-11.", "'0.25' was read as 06:00.")


@pytest.mark.parametrize(("text", "hour"), [("9", 9), ("09", 9), ("18", 18), (", 23", 23)])
def test_an_hour_alone_as_in_a_column_of_hours_is_read_and_said(text: str, hour: int) -> None:
    schedule = parse_schedule(f"2027-09-11 {text}", JERUSALEM, None)
    assert (schedule.at, schedule.has_time) == (datetime(2027, 9, 11, hour, tzinfo=JERUSALEM), True)
    assert schedule.notes == (f"'{text.strip(', ')}' was read as {hour:02}:00.",)


def test_the_time_zero_of_a_spreadsheet_is_the_midnight_that_the_day_begins_with() -> None:
    for text in ("46641 0", "46641 0.0", "2027-09-11 0.0"):
        schedule = parse_schedule(text, JERUSALEM, None)
        assert (schedule.at, schedule.has_time) == (datetime(2027, 9, 11, tzinfo=JERUSALEM), True)


def test_the_last_moment_of_a_day_in_a_spreadsheet_is_in_that_day() -> None:
    assert parse_schedule("46641 0.99999", JERUSALEM, None).at == datetime(
        2027, 9, 11, 23, 59, tzinfo=JERUSALEM
    )


@pytest.mark.parametrize(("text", "hour", "minute"), [("9.30", 9, 30), ("0.30", 0, 30), ("09.05", 9, 5)])
def test_a_time_written_with_a_period_is_no_part_of_a_day(text: str, hour: int, minute: int) -> None:
    schedule = parse_schedule(f"2027-09-11 {text}", JERUSALEM, None)
    assert (schedule.at.hour, schedule.at.minute) == (hour, minute)


def test_a_time_with_a_period_does_not_tell_the_order_of_day_and_month() -> None:
    assert date_order(["46641 0.25", "46641 9.30"]) is None
    assert date_order(["28/04/2027 0.25", "46641 0.25"]) is DateOrder.DAY_FIRST


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
        "soon", "10/5", "31/31/2027", "2027-09-11 25:00", "2027-09-11 24", "0001-01-01", "11 Foo 2027",
        "Junior 5 2027", "03/04/9999", "46641 soon", "46641 1.375", "29999 9:00", "46641 25:00",
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
