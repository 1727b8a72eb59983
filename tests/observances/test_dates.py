"""Observances fall on the days on which people kept them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from kb.observances.calendars import FIRST_YEAR, LAST_YEAR
from kb.observances.days import MAX_OBSERVANCE_DAYS, observances_between, occurrences, spans_in
from kb.observances.rules import RuleError, parse_rule, parse_shift
from kb.observances.table import observances

BEGINNINGS = """
christmas: 1914-12-25 2024-12-25
super-bowl: 1999-01-31 2004-02-01 2021-02-07 2022-02-13 2025-02-09
mothers-day-us: 2019-05-12 2024-05-12 2025-05-11
mothers-day-fr: 2024-05-26
mothering-sunday-uk: 2023-03-19 2024-03-10 2025-03-30
fathers-day: 2024-06-16
memorial-day-us: 2021-05-31 2024-05-27
victoria-day: 2023-05-22 2024-05-20
thanksgiving-us: 2023-11-23 2024-11-28
black-friday: 2018-11-23 2024-11-29
cyber-monday: 2020-11-30 2024-12-02
us-election-day: 2016-11-08 2024-11-05
easter-sunday: 1913-03-23 1943-04-25 1961-04-02 2000-04-23 2008-03-23 2024-03-31 2038-04-25
good-friday: 2024-03-29
ash-wednesday: 2024-02-14
pentecost: 2024-05-19
orthodox-easter: 1975-05-04 2021-05-02 2024-05-05 2025-04-20
ramadan-start: 2022-04-02 2023-03-23 2024-03-11 2025-03-01 2030-01-05 2030-12-26
eid-al-fitr: 2022-05-02 2024-04-10
eid-al-adha: 2019-08-11 2024-06-16
lunar-new-year: 1985-02-20 2000-02-05 2023-01-22 2024-02-10 2025-01-29 2033-01-31
mid-autumn-festival: 2024-09-17 2025-10-06
diwali: 2019-10-27 2024-10-31 2026-11-08
prime-day: 2020-10-13
rosh-hashanah: 2023-09-16 2024-10-03 2025-09-23
yom-kippur: 1973-10-06 2024-10-12
hanukkah: 2023-12-08 2024-12-26
purim: 2023-03-07 2024-03-24
pesach: 2022-04-16 2024-04-23
yom-hashoah: 2021-04-08 2022-04-28 2023-04-18 2024-05-06 2025-04-24
yom-hazikaron: 2021-04-14 2022-05-04 2023-04-25 2024-05-13 2025-04-30
yom-haatzmaut: 2021-04-15 2022-05-05 2023-04-26 2024-05-14 2025-05-01
tisha-bav: 2022-08-07 2024-08-13
oct-7-state: 2024-10-27 2025-10-16
rabin-state: 2021-10-18 2022-11-06
family-day-il: 2024-02-09
"""


def days_of_year(year: int) -> list[date]:
    return [date(year, 1, 1) + timedelta(days) for days in range(365 + (year % 4 == 0))]


@pytest.mark.parametrize("line", BEGINNINGS.strip().splitlines())
def test_an_observance_begins_on_the_day_on_which_it_was_kept(line: str) -> None:
    key, days = line.split(": ")
    expected = [date.fromisoformat(day) for day in days.split()]
    years = sorted({day.year for day in expected})
    assert [first for year in years for first, _ in spans_in(key, year)] == expected


@pytest.mark.parametrize(
    ("day", "key"),
    [
        ("2013-09-11", "sept-11"),
        ("2001-09-11", "sept-11"),
        ("2023-10-07", "oct-7"),
        ("2023-10-07", "simchat-torah"),
        ("2024-12-30", "hanukkah"),
        ("2025-01-01", "hanukkah"),
        ("2025-01-01", "kwanzaa"),
        ("2024-04-29", "pesach"),
        ("2024-03-31", "easter-sunday"),
        ("2024-03-31", "trans-visibility"),
    ],
)
def test_an_incident_of_one_day_is_on_what_falls_on_it(day: str, key: str) -> None:
    assert key in observances_between(date.fromisoformat(day), date.fromisoformat(day))


@pytest.mark.parametrize(
    ("day", "key"),
    [
        ("2000-09-11", "sept-11"),  # before it happened
        ("2013-09-12", "sept-11"),
        ("2025-01-03", "hanukkah"),
        ("2024-06-15", "pride-month"),  # a season is no day
    ],
)
def test_an_incident_is_not_on_what_falls_on_other_days(day: str, key: str) -> None:
    assert key not in observances_between(date.fromisoformat(day), date.fromisoformat(day))


def test_a_date_that_may_mean_a_month_or_any_day_is_on_no_day() -> None:
    assert observances_between(date(2024, 12, 1), date(2024, 12, 31)) == ()
    assert observances_between(date.min, date.max) == ()
    assert "christmas" in observances_between(date(2024, 12, 23), date(2024, 12, 25))


def test_days_of_distant_years_have_no_observances() -> None:
    assert observances_between(date.min, date.min) == ()
    assert observances_between(date.max, date.max) == ()
    assert observances_between(date(FIRST_YEAR - 1, 12, 25), date(FIRST_YEAR - 1, 12, 25)) == ()
    assert "christmas" in observances_between(date(LAST_YEAR, 12, 25), date(LAST_YEAR, 12, 25))


@pytest.mark.parametrize("year", [2023, 2024])
def test_the_days_of_a_year_have_what_its_observances_span(year: int) -> None:
    spans = [
        (key, span) for key in observances() for begin in (year - 1, year) for span in spans_in(key, begin)
    ]
    for day in days_of_year(year):
        on_day = {
            key
            for key, (first, last) in spans
            if first <= day <= last and (last - first).days < MAX_OBSERVANCE_DAYS
        }
        assert set(observances_between(day, day)) == on_day


@pytest.mark.parametrize("year", [FIRST_YEAR, 1999, 2024, LAST_YEAR])
def test_a_span_is_in_order_and_begins_about_its_year(year: int) -> None:
    for key in observances():
        for first, last in spans_in(key, year):
            assert first <= last, key
            assert abs(first - date(year, 7, 1)) < timedelta(days=190), key


def test_a_day_after_the_end_of_a_month_is_its_end_in_a_range_and_missing_alone() -> None:
    assert parse_rule("range:02-01..02-29")(2023) == [(date(2023, 2, 1), date(2023, 2, 28))]
    assert parse_rule("range:12-26..01-01")(2023) == [(date(2023, 12, 26), date(2024, 1, 1))]
    assert parse_rule("fixed:02-29")(2023) == []
    assert parse_rule("nth:02-mon-5")(2023) == []


def test_a_hebrew_day_of_adar_is_in_the_second_adar_of_a_leap_year() -> None:
    assert parse_rule("hebrew:14-adar")(2024) == [(date(2024, 3, 24),) * 2]
    assert parse_rule("hebrew:14-adar")(2025) == [(date(2025, 3, 14),) * 2]


def test_a_shift_moves_by_weekday() -> None:
    assert parse_shift("fri-1,sun+1") == {4: timedelta(days=-1), 6: timedelta(days=1)}
    assert parse_shift("") == {}


@pytest.mark.parametrize(
    "rule",
    [
        "", "fixed", "fixed:3-8", "fixed:13-01", "fixed:02-30", "range:06-01", "range:06-01..13-01",
        "nth:05-sun", "nth:05-son-2", "nth:00-mon-1", "nth:05-mon-6", "easter:", "easter:x",
        "hebrew:15-nissan", "hebrew:31-nisan", "islamic:09-31", "chinese:1-1", "table:2024", "table:",
        "solar:01-01",
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_read_says_what_to_change(rule: str) -> None:
    with pytest.raises(RuleError, match=r"must be|is no|colon"):
        parse_rule(rule)


def test_a_shift_that_cannot_be_read_says_what_to_change() -> None:
    with pytest.raises(RuleError, match="such as fri-1"):
        parse_shift("friday-1")


def test_a_period_has_what_begins_ends_or_goes_on_in_it() -> None:
    found = {day.key: day for day in occurrences(date(2025, 1, 1), date(2025, 1, 2))}
    assert (found["hanukkah"].first, found["hanukkah"].last) == (date(2024, 12, 26), date(2025, 1, 2))
    assert {"new-years-day", "kwanzaa"} <= found.keys()
    assert "christmas" not in found
    assert "pride-month" in {day.key for day in occurrences(date(2025, 6, 10), date(2025, 6, 10))}


def test_a_period_is_in_order_and_has_an_observance_once_a_year() -> None:
    days = occurrences(date(2026, 1, 1), date(2027, 12, 31))
    assert days == sorted(days)
    assert [day.first.year for day in days if day.key == "sept-11"] == [2026, 2027]
