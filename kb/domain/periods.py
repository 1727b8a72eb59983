"""Days in a row, cut into weeks, months, quarters or years."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

MAX_BUCKETS = 1_000
"""Into how many buckets a period is cut at most."""


class Interval(StrEnum):
    """How long a bucket is; `none` makes one of the whole period."""

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
        """How many days it has."""
        return (self.last - self.first).days + 1

    def before(self) -> Period:
        """The period of as many days that ends where this one begins. Raises OverflowError before year 1."""
        return Period(self.first - timedelta(self.days), self.first - timedelta(1))


class Bucket(NamedTuple):
    """A part of a period: its name, its days by the calendar, and those of them that the period has."""

    name: str
    whole: Period
    inside: Period


class TooManyBucketsError(ValueError):
    """An interval is too short for a period. The message says what to do."""


def cut(period: Period, interval: Interval) -> list[Bucket]:
    """The buckets of a period, without a gap. Raises TooManyBucketsError."""
    if interval is Interval.NONE:
        return [Bucket("all", period, period)]
    found: list[Bucket] = []
    for first, following in _starts(period, interval):
        if len(found) == MAX_BUCKETS:
            raise TooManyBucketsError(
                f"More than {MAX_BUCKETS:,} {interval} buckets lie between {period.first} and "
                f"{period.last}. Choose a longer interval, or a shorter period with `from` and `to`."
            )
        whole = Period(first, following - timedelta(1))
        inside = Period(max(first, period.first), min(whole.last, period.last))
        found.append(Bucket(name(first, interval), whole, inside))
    return found


def shift(period: Period, buckets: list[Bucket], interval: Interval) -> Period:
    """The period before this one that has as many buckets, whole ones."""
    if interval is Interval.NONE:
        return period.before()
    first = buckets[0].whole.first
    for _ in buckets:
        first = start(first - timedelta(1), interval)
    return Period(first, buckets[0].whole.first - timedelta(1))


def _starts(period: Period, interval: Interval) -> Iterator[tuple[date, date]]:
    first = start(period.first, interval)
    while first <= period.last:
        following = _following(first, interval)
        yield first, following
        first = following


def start(day: date, interval: Interval) -> date:
    """The first day of the bucket that a day lies in."""
    if interval is Interval.WEEK:
        return day - timedelta(day.weekday())
    if interval is Interval.MONTH:
        return day.replace(day=1)
    if interval is Interval.QUARTER:
        return day.replace(month=day.month - (day.month - 1) % 3, day=1)
    if interval is Interval.YEAR:
        return day.replace(month=1, day=1)
    return day


def _following(first: date, interval: Interval) -> date:
    months = {Interval.MONTH: 1, Interval.QUARTER: 3, Interval.YEAR: 12}.get(interval)
    if months is None:
        return first + timedelta(7 if interval is Interval.WEEK else 1)
    month = first.month - 1 + months
    return first.replace(year=first.year + month // 12, month=month % 12 + 1)


def name(first: date, interval: Interval) -> str:
    """What a bucket is called: `2018-05-14`, `2018-W20`, `2018-05`, `2018-Q2`, `2018`."""
    if interval is Interval.WEEK:
        year, week, _ = first.isocalendar()
        return f"{year}-W{week:02}"
    if interval is Interval.MONTH:
        return f"{first:%Y-%m}"
    if interval is Interval.QUARTER:
        return f"{first:%Y}-Q{(first.month + 2) // 3}"
    return f"{first:%Y}" if interval is Interval.YEAR else first.isoformat()


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The moment in UTC at which a day begins in a time zone."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)
