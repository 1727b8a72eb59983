"""One question about some incidents, and its rows: flat, by bucket and group."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kb.domain.dates import UNKNOWN_DATE, iso
from kb.domain.filters import IncidentFilter, Known, Loss
from kb.domain.metrics import METRICS, Measure, Metric
from kb.domain.periods import Bucket, Interval, Period, TooManyBucketsError, cut, midnight, shift, start
from kb.errors import FieldError, InvalidInput
from kb.services.taxonomy.listing import label
from kb.services.trends.aggregates import statistic
from kb.services.trends.columns import NEVER, UNKNOWN
from kb.services.trends.drill_down import bucket_parameters, group_parameters
from kb.services.trends.groups import Group, Grouping, group_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

    from kb.services.trends.column_queries import Array
    from kb.services.trends.columns import Columns
    from kb.services.trends.drill_down import Parameters
    from kb.services.trends.snapshot import Snapshot

OCCURRED, PUBLISHED = "occurred_on", "published_at"

_ALL = {"en": "All", "he": "הכול"}

FEW = 5
"""Numbers made of fewer incidents than this carry a warning."""

MAX_ROWS = 20_000

_NO_GROUP = Group(None, None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked. `first` and `last` bound the period; what is left open reaches as far as there are data,
    and to today."""

    metric: str = "count"
    group_by: tuple[str, ...] = ()
    interval: Interval = Interval.NONE
    first: date | None = None
    last: date | None = None
    zone: ZoneInfo
    top: int = 10
    other: bool = True
    compare: bool = False
    date_field: str = OCCURRED
    filter: IncidentFilter


class _Series(NamedTuple):
    """The values of the incidents in one unit; market values come in several, alleged ones apart.

    `condition` holds of the incidents that have a value; None where none has.
    """

    unit: str | None
    alleged: bool | None
    values: Array
    condition: tuple[tuple[str, str], ...] | None


class Answer:
    """One question about some rows."""

    def __init__(
        self,
        columns: Columns,
        snapshot: Snapshot,
        rows: Array,
        question: Question,
        *,
        today: date,
        wanted: Sequence[str],
    ) -> None:
        self._columns, self._question, self._today = columns, question, today
        self.period = self._period(rows)
        self._buckets = _cut(self.period, question.interval)
        earlier = shift(self.period, self._buckets, question.interval) if question.compare else None
        before = _cut(earlier, question.interval) if earlier else []
        # The period before may end earlier than this one begins: each is placed by itself.
        number = self._place(rows, self._buckets)
        number[number >= 0] += len(before)
        if before:
            number = np.where(number >= 0, number, self._place(rows, before))
        self._kept, self._bucket = rows[number >= 0], number[number >= 0]
        now = np.flatnonzero(self._bucket >= len(before))
        self.undated = self._count_undated(rows, len(now))
        groupings = [
            group_by(
                columns,
                snapshot,
                self._kept,
                now,
                name,
                wanted=wanted,
                top=question.top,
                other=question.other,
            )
            for name in question.group_by
        ]
        self._groups, self._pairs, self._cells = _cross(groupings, self._bucket)
        self._earlier = len(before)
        self._all = label(_ALL, wanted)

    def _period(self, rows: Array) -> Period:
        """What was asked for; what was left open, from the first incident to the end of today's bucket."""
        question, facts = self._question, self._columns.facts
        first, last = question.first, question.last
        if first is None:
            days = self._days(rows)
            first = min([*days, *([last] if last else [self._today])])
            first = start(first, question.interval)
        if last is None:
            last = max(first, self._today)
            if question.interval is Interval.NONE and len(rows) and question.date_field == OCCURRED:
                dated = self._dated(rows)
                last = max(
                    [last, *([date.fromordinal(int(facts["last"][dated].max()))] if len(dated) else [])]
                )
            last = cut(Period(last, last), question.interval)[0].whole.last
        return Period(first, last)

    def _dated(self, rows: Array) -> Array:
        """Those of which the date is known, if only roughly."""
        found: Array = rows[self._columns.facts["first"][rows] > UNKNOWN_DATE.first.toordinal()]
        return found

    def _days(self, rows: Array) -> list[date]:
        """The first day on which there is something, if there is anything."""
        facts = self._columns.facts
        if self._question.date_field == OCCURRED:
            dated = self._dated(rows)
            return [date.fromordinal(int(facts["first"][dated].min()))] if len(dated) else []
        moments = facts["published"][rows]
        moments = moments[moments != NEVER]
        if not len(moments):
            return []
        return [datetime.fromtimestamp(int(moments.min()), self._question.zone).date()]

    def _place(self, rows: Array, buckets: list[Bucket]) -> Array:
        """The bucket that each row lies in, UNKNOWN where there is none; buckets follow without a gap."""
        facts = self._columns.facts
        if self._question.date_field == PUBLISHED:
            edges = [midnight(bucket.inside.first, self._question.zone) for bucket in buckets]
            edges.append(midnight(buckets[-1].inside.last + timedelta(1), self._question.zone))
            seconds = np.array([int(edge.timestamp()) for edge in edges])
            number = np.searchsorted(seconds, facts["published"][rows], side="right") - 1
            number[number == len(buckets)] = UNKNOWN
        else:
            base = buckets[0].inside.first.toordinal()
            bucket_of = np.repeat(np.arange(len(buckets)), [bucket.inside.days for bucket in buckets])
            bucket_of = np.append(bucket_of, [UNKNOWN, UNKNOWN - 1])  # after, before: never equal
            first = np.clip(facts["first"][rows] - base, UNKNOWN, len(bucket_of) - 2)
            last = np.clip(facts["last"][rows] - base, UNKNOWN, len(bucket_of) - 2)
            number = np.where(bucket_of[first] == bucket_of[last], bucket_of[first], UNKNOWN)
        return number

    def _count_undated(self, rows: Array, counted: int) -> int:
        """How many belong to the period, but to no bucket of it: a date known to the year only, say."""
        facts = self._columns.facts
        if self._question.date_field == PUBLISHED:
            return int((facts["published"][rows] == NEVER).sum())
        touching = facts["last"][rows] >= self.period.first.toordinal()
        touching &= facts["first"][rows] <= self.period.last.toordinal()
        return int(touching.sum()) - counted

    def _series(self, metric: Metric) -> Iterator[_Series]:
        facts, kept = self._columns.facts, self._kept
        if metric.measure is Measure.INCIDENTS:
            yield _Series(metric.unit, None, np.ones(len(kept)), ())
        elif metric.measure is Measure.SEVERITY:
            severity = facts["severity"][kept].astype(np.float64)
            severity[severity == UNKNOWN] = np.nan
            yield _Series(metric.unit, None, severity, (("known", Known.SEVERITY),))
        elif metric.measure is Measure.MARKET_VALUE:
            yield from self._losses()
        else:
            posted, moment = facts["posted"][kept], facts[metric.measure.value][kept]
            minutes = (moment - posted) / 60
            minutes[(posted == NEVER) | (moment == NEVER)] = np.nan
            yield _Series(metric.unit, None, minutes, (("known", Known(metric.measure.value)),))

    def _losses(self) -> Iterator[_Series]:
        rows, currencies, alleged, amounts = self._columns.losses
        place = np.full(self._columns.size, UNKNOWN, np.int64)
        place[self._kept] = np.arange(len(self._kept))
        here = place[rows] != UNKNOWN
        names = self._columns.currencies.all
        found = {
            (names[currency], said) for currency, said in zip(currencies[here], alleged[here], strict=True)
        }
        if not found:
            yield _Series(None, None, np.full(len(self._kept), np.nan), None)
        for currency, said in sorted(found):
            chosen = here & (currencies == names.index(currency)) & (alleged == said)
            sums = np.bincount(place[rows[chosen]], amounts[chosen], len(self._kept))
            known = np.bincount(place[rows[chosen]], minlength=len(self._kept)) > 0
            sums[~known] = np.nan
            yield _Series(currency, bool(said), sums, (("lost", str(Loss(currency, bool(said)))),))

    def rows(self) -> list[dict[str, Any]]:
        """All buckets of each group, those without any incident too."""
        metric = METRICS[self._question.metric]
        series = list(self._series(metric))
        width = len(self._groups)
        if (count := len(series) * len(self._buckets) * width) > MAX_ROWS:
            detail = (
                f"That would be {count:,} rows; at most {MAX_ROWS:,} are given. "
                "Choose a longer interval, a shorter period, or a smaller `top`."
            )
            raise InvalidInput([FieldError("interval", detail)], detail)
        size = (self._earlier + len(self._buckets)) * width
        question = self._question
        zone = question.zone if question.date_field == PUBLISHED else None
        selections = bucket_parameters(question.filter, self._buckets, zone)
        found: list[dict[str, Any]] = []
        for each in series:
            values, counts = statistic(metric.statistic, self._cells, each.values[self._pairs], size)
            numbers = [None if value != value else value for value in values.tolist()]  # noqa: PLR0124 (NaN)
            if metric.measure is Measure.INCIDENTS:
                numbers = [int(value) for value in values.tolist()]
            found += self._rows_of(each, numbers, counts.tolist(), selections, width)
        return found

    def _rows_of(
        self, series: _Series, values: list[Any], counts: list[int], selections: list[Parameters], width: int
    ) -> Iterator[dict[str, Any]]:
        of_groups = [
            group_parameters(
                self._question.filter,
                [group.condition for group in pair if group is not _NO_GROUP],
                series.condition,
            )
            for pair in self._groups
        ]
        for place, bucket in enumerate(self._buckets):
            partial = bucket.inside != bucket.whole or bucket.whole.last >= self._today
            dates = {"bucket_start": iso(bucket.whole.first), "bucket_end": iso(bucket.whole.last)}
            for number, (one, two) in enumerate(self._groups):
                cell = (self._earlier + place) * width + number
                value, selected = values[cell], of_groups[number]
                previous = values[place * width + number] if self._earlier else None
                yield {
                    **dates,
                    "bucket": bucket.name,
                    "group": one.key,
                    "group_label": one.label or self._all,
                    "group_2": two.key,
                    "group_2_label": two.label,
                    "value": value,
                    "unit": series.unit,
                    "alleged": series.alleged,
                    **_compared(value, previous),
                    "partial": partial,
                    "incidents": counts[cell],
                    "warning": "few" if 0 < counts[cell] < FEW else None,
                    "drill_down": None if selected is None else (selections[place], selected),
                }


def _compared(value: float | None, previous: float | None) -> dict[str, float | None]:
    diff = None if value is None or previous is None else value - previous
    share = None if diff is None or not previous else round(100 * diff / previous, 2)
    return {"previous_value": previous, "diff": diff, "pct_diff": share}


def _cut(period: Period, interval: Interval) -> list[Bucket]:
    try:
        return cut(period, interval)
    except TooManyBucketsError as error:
        raise InvalidInput([FieldError("interval", str(error))], str(error)) from error


def _cross(groupings: list[Grouping], buckets: Array) -> tuple[list[tuple[Group, Group]], Array, Array]:
    """The groups that get rows; and, as parallel arrays, what falls into a cell: its place and its cell."""
    if not groupings:
        return [(_NO_GROUP, _NO_GROUP)], np.arange(len(buckets)), buckets.astype(np.int64)
    places, codes = _pairs(groupings[0].codes, np.arange(len(buckets)))
    if len(groupings) == 1:
        groups = [(group, _NO_GROUP) for group in groupings[0].groups]
        return groups, places, buckets[places] * len(groups) + codes
    second = groupings[1].groups
    inner, others = _pairs([each[places] for each in groupings[1].codes], np.arange(len(places)))
    combined = codes[inner] * len(second) + others
    met = np.bincount(combined, minlength=len(groupings[0].groups) * len(second)) > 0
    numbers = (np.cumsum(met) - 1)[combined]
    groups = [
        (groupings[0].groups[code // len(second)], second[code % len(second)])
        for code in np.flatnonzero(met).tolist()
    ]
    places = places[inner]
    return groups, places, buckets[places] * len(groups) + numbers


def _pairs(codes: list[Array], places: Array) -> tuple[Array, Array]:
    """The places and the codes of all that are in a group."""
    filled = [np.flatnonzero(each != UNKNOWN) for each in codes]
    found = [each[chosen] for each, chosen in zip(codes, filled, strict=True)]
    return places[np.concatenate(filled)], np.concatenate(found).astype(np.int64)
