"""Dates that a text names: "September 11", "October 6-8", "ב-7.10".

Prices, scores and the verb `may` do not count.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain, pairwise, product
from typing import TYPE_CHECKING, NamedTuple

from kb.domain.overlaps import shorter_overlaps
from kb.guards.days.date_patterns import (
    ANY_MONTH,
    ANY_MONTH_HE,
    DATES_FROM_TO,
    DOTTED_RANGE,
    ENGLISH,
    ENGLISH_MONTHS,
    ENGLISH_RANGES,
    HEBREW,
    HEBREW_LETTER,
    HEBREW_MONTHS,
    HEBREW_RANGE,
    ISO,
    LATIN_LETTER,
    NUMBERS,
    NUMERIC_RANGE,
    ORDINARY_MONTHS,
    REACH,
    TWO_NUMBERS,
    WITH_YEAR,
    WITHOUT_YEAR,
    WITHOUT_YEAR_HE,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from kb.domain.overlaps import Interval
    from kb.guards.clean_text import CleanText, Span


_LEAP_YEAR = 2024


class NamedDate(NamedTuple):
    """A date in a text, possibly without a year."""

    month: int
    day: int
    year: int | None

    @property
    def exists(self) -> bool:
        """Whether the day exists in some year: February 30 does not."""
        return 1 <= self.month <= 12 and 1 <= self.day <= monthrange(_LEAP_YEAR, self.month)[1]


class NamedDay(NamedTuple):
    """A span that names a day, with the dates that it may mean, or the keys of observances.

    The dates of a range are all its days; of a long range the first and the last, with those between them in
    `season`. Other dates are readings of one day, the likeliest first.
    """

    span: Span
    dates: tuple[NamedDate, ...] = ()
    keys: tuple[str, ...] = ()
    season: tuple[NamedDate, ...] = ()
    is_range: bool = False

    @property
    def meaning(self) -> tuple[object, ...]:
        """The fields that are equal for all spans with the same meaning."""
        return self[1:]


_MAX_RANGE_DAYS = 14
"""A longer range may well be a season, so only its first and last days count as named."""

MAX_SEASON_DAYS = 62
"""How many days after the first a range may end; later, the two dates are no range."""

Found = dict["Interval", tuple["NamedDate", ...]]
"""The dates that each span of a text may name."""

_MONTH_FIRST = frozenset({"US", "PH", "PR", "GU", "FM", "MH", "PW"})


def named_dates(clean: CleanText, language: str | None, countries: Collection[str]) -> list[NamedDay]:
    """The dates in a text, in order.

    In two numbers, such as 9/11, the month comes first for an audience in the United States, and second
    elsewhere and in Hebrew; if unknown, both readings count.
    """
    text = clean.text
    intervals = [_around(match) for match in NUMBERS.finditer(text)]
    if not intervals:
        return []
    beside_months = _BesideMonths.of(text, intervals)
    ranges = dict(_month_ranges(text, beside_months))
    found = dict(_month_dates(text, beside_months))
    pairs = [interval for interval in intervals if TWO_NUMBERS.search(text, *interval)]
    if pairs:
        order = _Order.of(text, language, countries)
        ranges |= _numeric_ranges(text, pairs, order)
        found |= _numeric_dates(text, pairs, order)
    found = _without_shorter(found | ranges)
    ranges |= dict(_joined(text, {k: v for k, v in found.items() if k not in ranges}))
    found = _without_shorter(found | ranges)
    return [
        NamedDay(
            clean.span(*interval),
            dates=existing,
            season=_season(existing) if interval in ranges else (),
            is_range=interval in ranges,
        )
        for interval, dates in sorted(found.items())
        if (existing := tuple(dict.fromkeys(each for each in dates if each.exists)))
    ]


def _without_shorter(found: Found) -> Found:
    shorter = shorter_overlaps(found)
    return {interval: dates for interval, dates in found.items() if interval not in shorter}


def _around(numbers: re.Match[str]) -> Interval:
    """The part of a text to examine for dates around some numbers."""
    return max(0, numbers.start() - REACH), numbers.end() + REACH


def _matches(pattern: re.Pattern[str], text: str, intervals: Iterable[Interval]) -> Iterator[re.Match[str]]:
    """The matches of a pattern in the given parts of a text only: most of a text has no number."""
    return (match for interval in intervals for match in pattern.finditer(text, *interval))


class _BesideMonths(NamedTuple):
    """The parts of a text that have the name of a month, by language: few have."""

    english: list[Interval]
    hebrew: list[Interval]

    @classmethod
    def of(cls, text: str, intervals: Sequence[Interval]) -> _BesideMonths:
        """Those among the given parts of a text."""
        return cls(
            *(
                [interval for interval in intervals if month.search(text, *interval)]
                for month in (ANY_MONTH, ANY_MONTH_HE)
            )
        )


class _Order(NamedTuple):
    """The orders in which a date of two numbers may be read."""

    month_first: bool
    day_first: bool

    @classmethod
    def of(cls, text: str, language: str | None, countries: Collection[str]) -> _Order:
        """The order in which the audience of a text writes dates; both if unknown."""
        if countries:
            return cls(not _MONTH_FIRST.isdisjoint(countries), not _MONTH_FIRST.issuperset(countries))
        hebrew = (language or "").startswith("he") or (
            HEBREW_LETTER.search(text) is not None and LATIN_LETTER.search(text) is None
        )
        return cls(not hebrew, day_first=True)

    def readings(self, first: str, second: str, year: str | None) -> tuple[NamedDate, ...]:
        """The date that two numbers mean in each order, even if it is the same in both."""
        read = [(first, second)] * self.month_first + [(second, first)] * self.day_first
        return tuple(_date(int(month), day, year) for month, day in read)


_DAY_FIRST = _Order(month_first=False, day_first=True)


def _month_dates(text: str, beside: _BesideMonths) -> Iterator[tuple[Interval, tuple[NamedDate, ...]]]:
    """Where a text names a day of a month by the month's name."""
    patterns = [(pattern, ENGLISH_MONTHS, beside.english) for pattern in ENGLISH]
    for pattern, months, parts in (*patterns, (HEBREW, HEBREW_MONTHS, beside.hebrew)):
        for match in _matches(pattern, text, parts):
            if match["month"].rstrip(".") not in ORDINARY_MONTHS:
                yield match.span(), (_date(_number(match["month"], months), match["day"], match["year"]),)


def _month_ranges(text: str, beside: _BesideMonths) -> Iterator[tuple[Interval, tuple[NamedDate, ...]]]:
    """Where a text names days of a month from one to another: "October 6-8"."""
    patterns = [(pattern, ENGLISH_MONTHS, beside.english) for pattern in ENGLISH_RANGES]
    for pattern, months, parts in (*patterns, (HEBREW_RANGE, HEBREW_MONTHS, beside.hebrew)):
        for match in _matches(pattern, text, parts):
            month, year = _number(match["month"], months), match["year"]
            first, last = _date(month, match["day"], year), _date(month, match["last"], year)
            if _days_from_to(first, last) > 0 and match["month"].rstrip(".") not in ORDINARY_MONTHS:
                yield match.span(), _from_to(first, last)


def _joined(text: str, found: Found) -> Iterator[tuple[Interval, tuple[NamedDate, ...]]]:
    """Where one date follows another as the last day of a range: "September 30 - October 8"."""
    for begin, end in pairwise(sorted(found)):
        if DATES_FROM_TO.fullmatch(text, begin[1], end[0]) is None:
            continue
        days = _ranges(found[begin], found[end])
        if days:
            yield (begin[0], end[1]), days


def _ranges(firsts: Sequence[NamedDate], lasts: Sequence[NamedDate]) -> tuple[NamedDate, ...]:
    """The days of the ranges that the readings of two dates make, each in one order for both dates.

    If there are several readings, no days of ranges that take longer than some days: another order is meant.
    """
    same_orders = len(firsts) == len(lasts)
    pairs = [*(zip(firsts, lasts, strict=True) if same_orders else product(firsts, lasts))]
    most = MAX_SEASON_DAYS if len(pairs) == 1 else _MAX_RANGE_DAYS - 1
    return tuple(
        chain.from_iterable(
            _from_to(first, last) for first, last in pairs if 0 < _days_from_to(first, last) <= most
        )
    )


def _from_to(first: NamedDate, last: NamedDate) -> tuple[NamedDate, ...]:
    """The days from one to another; of a long range, these two. One year may count for both."""
    if _days_from_to(first, last) >= _MAX_RANGE_DAYS:
        return first, last
    return _each_day(first, last)


def _season(dates: Sequence[NamedDate]) -> tuple[NamedDate, ...]:
    """The days between the first and the last one of a long range; none of another range."""
    if len(dates) != 2 or not _MAX_RANGE_DAYS <= _days_from_to(*dates) <= MAX_SEASON_DAYS:
        return ()
    return _each_day(*dates)[1:-1]


@lru_cache(maxsize=500)
def _each_day(first: NamedDate, last: NamedDate) -> tuple[NamedDate, ...]:
    length = _days_from_to(first, last)
    begin, end = _dates_from_to(first, last)
    days = (begin + timedelta(passed) for passed in range(length + 1))
    if first.year is None and last.year is None:
        return tuple(NamedDate(day.month, day.day, None) for day in days)
    moved = last.year - end.year if last.year is not None else (first.year or 0) - begin.year
    return tuple(NamedDate(day.month, day.day, day.year + moved) for day in days)


def _days_from_to(first: NamedDate, last: NamedDate) -> int:
    """How many days after one date another is; -1 if one does not exist, or in different years."""
    if not (first.exists and last.exists):
        return -1
    begin, end = _dates_from_to(first, last)
    if None not in (first.year, last.year) and (last.year or 0) - (first.year or 0) != end.year - begin.year:
        return -1
    return (end - begin).days


def _dates_from_to(first: NamedDate, last: NamedDate) -> tuple[date, date]:
    """Two dates in a leap year, which has every day; November and December before January and
    February are in the year before.
    """
    turns = first.month >= 11 and last.month <= 2
    return date(_LEAP_YEAR - turns, first.month, first.day), date(_LEAP_YEAR, last.month, last.day)


def _numeric_ranges(
    text: str, intervals: Sequence[Interval], order: _Order
) -> Iterator[tuple[Interval, tuple[NamedDate, ...]]]:
    """Where a text names days from one to another by numbers, at most some days apart: 9/10-9/12."""
    has_hebrew = HEBREW_LETTER.search(text) is not None
    for match in _matches(NUMERIC_RANGE, text, intervals):
        is_decimal = match["sign"] == "."
        if is_decimal and not has_hebrew:
            continue
        written = _DAY_FIRST if is_decimal else order
        days = _ranges(
            written.readings(match["first"], match["second"], match["year"]),
            written.readings(match["third"], match["fourth"], match["year"]),
        )
        if days:
            yield match.span(), days
    for match in _matches(DOTTED_RANGE, text, intervals) if has_hebrew else ():
        days = _ranges(
            _DAY_FIRST.readings(match["day"], match["month"], match["year"]),
            _DAY_FIRST.readings(match["last"], match["month"], match["year"]),
        )
        if days:
            yield match.span(), days


def _numeric_dates(
    text: str, intervals: Sequence[Interval], order: _Order
) -> Iterator[tuple[Interval, tuple[NamedDate, ...]]]:
    """Where a text names a day by numbers only."""
    for match in _matches(ISO, text, intervals):
        yield match.span(), (_date(int(match["month"]), match["day"], match["year"]),)
    for match in _matches(WITH_YEAR, text, intervals):
        written = _DAY_FIRST if match["sign"] == "." else order
        yield match.span(), written.readings(match["first"], match["second"], match["year"])
    for match in _matches(WITHOUT_YEAR, text, intervals):
        if match["september"] is not None:
            others = () if order.month_first else order.readings("9", "11", None)
            yield match.span("september"), (NamedDate(9, 11, None), *others)
        elif (match["first"], match["second"]) != ("24", "7"):
            yield _pair(match), order.readings(match["first"], match["second"], None)
    for match in _matches(WITHOUT_YEAR_HE, text, intervals):
        yield _pair(match), _DAY_FIRST.readings(match["first"], match["second"], None)


def _pair(match: re.Match[str]) -> Interval:
    return match.start("first"), match.end("second")


def _date(month: int, day: str, year: str | None) -> NamedDate:
    return NamedDate(month, int(day), None if year is None else int(year) + (2000 if len(year) == 2 else 0))


def _number(name: str, months: Sequence[str]) -> int:
    return next(number for number, month in enumerate(months, 1) if re.fullmatch(month, name, re.IGNORECASE))
