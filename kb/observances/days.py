"""Which observances fall on a date, or in a period."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from kb.observances.calendars import FIRST_YEAR, LAST_YEAR
from kb.observances.table import observances

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from kb.observances.rules import Span

MAX_SPAN_DAYS = 3
"""A date that spans more days than this counts as no particular day."""

MAX_OBSERVANCE_DAYS = 10
"""A longer observance is a season; a month-long one would match a twelfth of all incidents."""

_DAY = timedelta(days=1)


class Occurrence(NamedTuple):
    """One occurrence of an observance: its first and last day, and its key."""

    first: date
    last: date
    key: str


def spans_in(key: str, year: int) -> list[Span]:
    """The first and last day of each occurrence that begins in a year. Raises KeyError for an unknown key."""
    observance = observances()[key]
    return observance.spans(year) if FIRST_YEAR <= year <= LAST_YEAR else []


def observances_between(first: date, last: date) -> tuple[str, ...]:
    """The keys of the observances on a date that may be any day from `first` to `last`.

    Empty if the span exceeds MAX_SPAN_DAYS, as for a date precise to a month. Observances longer than
    MAX_OBSERVANCE_DAYS, such as Pride Month, are left out.
    """
    if first == last:
        return _calendar(first.year).get(first, ())
    count = (last - first).days + 1
    if count > MAX_SPAN_DAYS:
        return ()
    days = (first + number * _DAY for number in range(count))
    return tuple(dict.fromkeys(key for day in days for key in _calendar(day.year).get(day, ())))


def occurrences(first: date, last: date) -> list[Occurrence]:
    """The observances in a period, by first day; those that only overlap it are not clipped."""
    return sorted(
        Occurrence(begin, end, key)
        # An observance that begins in a year may be shifted out of it, or last into the next one.
        for year in range(first.year - 1, last.year + 2)
        for key in observances()
        for begin, end in spans_in(key, year)
        if begin <= last and end >= first
    )


@lru_cache(maxsize=256)
def _calendar(year: int) -> Mapping[date, tuple[str, ...]]:
    """The keys of the observances on each day of a year."""
    days: defaultdict[date, list[str]] = defaultdict(list)
    # Include observances that began the year before, or that a shift moved into this year.
    for key, first, last in (*_spans(year - 1), *_spans(year), *_spans(year + 1)):
        if last.year >= year >= first.year:
            for number in range((last - first).days + 1):
                days[first + number * _DAY].append(key)
    return {day: tuple(keys) for day, keys in days.items()}


@lru_cache(maxsize=256)
def _spans(year: int) -> tuple[tuple[str, date, date], ...]:
    """The key, first and last day of each observance of at most MAX_OBSERVANCE_DAYS that begins in a year."""
    return tuple(
        (key, first, last)
        for key in observances()
        for first, last in spans_in(key, year)
        if (last - first).days < MAX_OBSERVANCE_DAYS
    )
