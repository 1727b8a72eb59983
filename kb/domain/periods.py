"""Periods of days, and splitting them into calendar buckets."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from kb.messages import Message, word

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

MAX_BUCKETS = 1_000
"""Maximum number of buckets in a period."""

MAX_YEAR = 2199
"""The last year of a period. The limit leaves room for date arithmetic."""

_DAY = timedelta(1)


class Interval(StrEnum):
    """The length of a bucket; `none` makes one bucket of the whole period."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    NONE = "none"


class Period(NamedTuple):
    """The days from the first to the last, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """The number of days."""
        return (self.last - self.first).days + 1

    def preceding(self) -> Period:
        """The period of the same length that ends the day before. Raises OverflowError before year 1."""
        return Period(self.first - timedelta(self.days), self.first - _DAY)


class Bucket(NamedTuple):
    """A part of a period: its name, its full calendar days, and those within the period."""

    name: str
    full: Period
    clipped: Period


class TooManyBucketsError(ValueError):
    """An interval is too short for a period. The message says what to do."""


def too_late(day: date | None) -> Message | None:
    """An error message for a bound of a period after MAX_YEAR, or None. None is an open bound."""
    if day is None or day.year <= MAX_YEAR:
        return None
    return Message("The period must end by {last}.", last=MAX_YEAR)


def split_period(period: Period, interval: Interval) -> list[Bucket]:
    """The buckets of a period, in order and without gaps. Raises TooManyBucketsError."""
    if interval is Interval.NONE:
        return [Bucket("all", period, period)]
    buckets: list[Bucket] = []
    for first, following in _starts(period, interval):
        if len(buckets) == MAX_BUCKETS:
            raise TooManyBucketsError(
                Message(
                    "More than {most:,} {interval} buckets lie between {first} and "
                    "{last}. Choose a longer interval, or a shorter period with `from` and `to`.",
                    most=MAX_BUCKETS,
                    interval=word(interval),
                    first=period.first,
                    last=period.last,
                )
            )
        full = Period(first, following - _DAY)
        clipped = Period(max(first, period.first), min(full.last, period.last))
        buckets.append(Bucket(_bucket_name(first, interval), full, clipped))
    return buckets


def previous_period(period: Period, buckets: list[Bucket], interval: Interval) -> Period:
    """The preceding period with the same number of buckets, all of them full."""
    if interval is Interval.NONE:
        return period.preceding()
    first = buckets[0].full.first
    for _ in buckets:
        first = bucket_start(first - _DAY, interval)
    return Period(first, buckets[0].full.first - _DAY)


def bucket_start(day: date, interval: Interval) -> date:
    """The first day of the bucket that a day belongs to."""
    if interval is Interval.WEEK:
        return day - timedelta(day.weekday())
    if interval is Interval.MONTH:
        return day.replace(day=1)
    if interval is Interval.QUARTER:
        return day.replace(month=day.month - (day.month - 1) % 3, day=1)
    if interval is Interval.YEAR:
        return day.replace(month=1, day=1)
    return day


def bucket_end(day: date, interval: Interval) -> date:
    """The last day of the bucket that a day belongs to."""
    return _next_start(bucket_start(day, interval), interval) - _DAY


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which a day begins in a time zone."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def _starts(period: Period, interval: Interval) -> Iterator[tuple[date, date]]:
    """The first day of each bucket, and of the bucket after it."""
    first = bucket_start(period.first, interval)
    while first <= period.last:
        following = _next_start(first, interval)
        yield first, following
        first = following


def _next_start(first: date, interval: Interval) -> date:
    months = {Interval.MONTH: 1, Interval.QUARTER: 3, Interval.YEAR: 12}.get(interval)
    if months is None:
        return first + timedelta(7 if interval is Interval.WEEK else 1)
    month = first.month - 1 + months
    return first.replace(year=first.year + month // 12, month=month % 12 + 1)


def _bucket_name(first: date, interval: Interval) -> str:
    """The name of the bucket that begins on a day: `2018-05-14`, `2018-W20`, `2018-05`, `2018-Q2`, `2018`."""
    if interval is Interval.WEEK:
        year, week, _ = first.isocalendar()
        return f"{year}-W{week:02}"
    if interval is Interval.MONTH:
        return f"{first:%Y-%m}"
    if interval is Interval.QUARTER:
        return f"{first:%Y}-Q{(first.month + 2) // 3}"
    return f"{first:%Y}" if interval is Interval.YEAR else first.isoformat()
