"""The buckets of a report, and the incidents in each."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from kb.domain.dates import UNKNOWN_DATE
from kb.domain.periods import (
    Bucket,
    Interval,
    Period,
    TooManyBucketsError,
    bucket_end,
    bucket_start,
    previous_period,
    split_period,
    start_of_day,
)
from kb.errors import FieldError, InvalidInput
from kb.messages import message_of
from kb.services.trends.columns import UNKNOWN, UNKNOWN_TIME

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from kb.services.trends.columns import Array, Columns
    from kb.services.trends.query import TrendsQuery


class Timeline:
    """The buckets of a report, and the column rows that fall into one of them.

    `rows` and `numbers` are parallel: a row, and the number of its bucket. If the query compares periods, the
    first `offset` buckets belong to the previous period. `buckets` lists the buckets of `period`, and
    `current` the indices into `rows` that fall into it. `undated` counts the rows that belong to the period,
    but to no single bucket.

    Raises InvalidInput if the interval is too short for the period.
    """

    def __init__(self, columns: Columns, rows: Array, query: TrendsQuery, today: date) -> None:
        dates = _Publication(columns, query.zone) if query.by_publication else _Occurrence(columns)
        self.today = today
        self.period = _report_period(dates, rows, query, today)
        self.buckets = _split(self.period, query.interval)
        numbers = dates.assign(rows, self.buckets)
        self.offset = 0
        if query.compare:
            # Assign each separately, since the previous period may end before this one begins.
            previous = _split(previous_period(self.period, self.buckets, query.interval), query.interval)
            self.offset = len(previous)
            numbers[numbers >= 0] += self.offset
            numbers = np.where(numbers >= 0, numbers, dates.assign(rows, previous))
        self.rows, self.numbers = rows[numbers >= 0], numbers[numbers >= 0]
        self.current = np.flatnonzero(self.numbers >= self.offset)
        self.undated = dates.count_undated(rows, self.period, len(self.current))

    def is_partial(self, bucket: Bucket) -> bool:
        """Whether a bucket is still running or is clipped by the period."""
        return bucket.clipped != bucket.full or bucket.full.last >= self.today


class _Occurrence:
    """Assigns an incident to the bucket that contains every day on which it may have occurred."""

    def __init__(self, columns: Columns) -> None:
        self._first, self._last = columns.facts["first_day"], columns.facts["last_day"]

    def first_day(self, rows: Array) -> date | None:
        """The first day on which any of some rows may have occurred; None if no date is known."""
        days = self._first[self._dated(rows)]
        return date.fromordinal(int(days.min())) if len(days) else None

    def last_day(self, rows: Array) -> date | None:
        """The last day on which any of some rows may have occurred; None if no date is known."""
        days = self._last[self._dated(rows)]
        return date.fromordinal(int(days.max())) if len(days) else None

    def _dated(self, rows: Array) -> Array:
        dated: Array = rows[self._first[rows] > UNKNOWN_DATE.first.toordinal()]
        return dated

    def assign(self, rows: Array, buckets: list[Bucket]) -> Array:
        """The number of each row's bucket, else UNKNOWN; the buckets have no gaps."""
        base = buckets[0].clipped.first.toordinal()
        bucket_of = np.repeat(np.arange(len(buckets)), [bucket.clipped.days for bucket in buckets])
        # Two different sentinels for days after and before all buckets, so that they never match.
        bucket_of = np.append(bucket_of, [UNKNOWN, UNKNOWN - 1])
        first = np.clip(self._first[rows] - base, UNKNOWN, len(bucket_of) - 2)
        last = np.clip(self._last[rows] - base, UNKNOWN, len(bucket_of) - 2)
        return np.where(bucket_of[first] == bucket_of[last], bucket_of[first], UNKNOWN)

    def count_undated(self, rows: Array, period: Period, assigned: int) -> int:
        """The number of rows that may have occurred in a period, but are in none of its buckets."""
        overlaps = self._last[rows] >= period.first.toordinal()
        overlaps &= self._first[rows] <= period.last.toordinal()
        return int(overlaps.sum()) - assigned


class _Publication:
    """Assigns an incident to the bucket in which it was published, by the days of a time zone."""

    def __init__(self, columns: Columns, zone: ZoneInfo) -> None:
        self._published, self._zone = columns.facts["published"], zone

    def first_day(self, rows: Array) -> date | None:
        """The day of the first publication; None if nothing was published."""
        moments = self._published[rows]
        moments = moments[moments != UNKNOWN_TIME]
        return datetime.fromtimestamp(int(moments.min()), self._zone).date() if len(moments) else None

    def last_day(self, rows: Array) -> date | None:  # noqa: ARG002
        """None, since nothing is published later than today, when a period ends anyway."""
        return None

    def assign(self, rows: Array, buckets: list[Bucket]) -> Array:
        """The number of each row's bucket, else UNKNOWN; the buckets have no gaps."""
        edges = [start_of_day(bucket.clipped.first, self._zone) for bucket in buckets]
        edges.append(start_of_day(buckets[-1].clipped.last + timedelta(1), self._zone))
        seconds = np.array([int(edge.timestamp()) for edge in edges])
        numbers = np.searchsorted(seconds, self._published[rows], side="right") - 1
        numbers[numbers == len(buckets)] = UNKNOWN
        return numbers

    def count_undated(self, rows: Array, _period: Period, _assigned: int) -> int:
        """The number of rows that were never published."""
        return int((self._published[rows] == UNKNOWN_TIME).sum())


def _report_period(dates: _Occurrence | _Publication, rows: Array, query: TrendsQuery, today: date) -> Period:
    """The period of a query; by default from the bucket of the first incident to the end of today's."""
    first, last = query.first, query.last
    if first is None:
        latest = last or today
        first = bucket_start(min(dates.first_day(rows) or latest, latest), query.interval)
    if last is None:
        last = max(first, today)
        if query.interval is Interval.NONE:
            last = max(last, dates.last_day(rows) or last)
        last = bucket_end(last, query.interval)
    return Period(first, last)


def _split(period: Period, interval: Interval) -> list[Bucket]:
    try:
        return split_period(period, interval)
    except TooManyBucketsError as error:
        message = message_of(error)
        raise InvalidInput([FieldError("interval", message)], message) from error
