"""The rows of a report: the value of a metric for each bucket and group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kb.domain.dates import iso
from kb.domain.metrics import METRICS, Measure, Statistic
from kb.errors import FieldError, InvalidInput
from kb.messages import Message
from kb.services.taxonomy.listing import label
from kb.services.trends.drill_down import bucket_parameters, group_parameters
from kb.services.trends.series import series_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kb.domain.filters import QueryParameters
    from kb.services.trends.cells import Cells, Groups
    from kb.services.trends.columns import Array, Columns
    from kb.services.trends.query import TrendsQuery
    from kb.services.trends.series import Series
    from kb.services.trends.timeline import Timeline

MAX_ROWS = 20_000

MIN_RELIABLE_INCIDENTS = 5
"""Values based on fewer incidents get the warning `few`."""

_ALL_LABELS = {"en": "All", "he": "הכול"}


class RowBuilder:
    """Builds the rows of a query from its timeline and cells, with labels in the reader's languages."""

    def __init__(
        self, query: TrendsQuery, timeline: Timeline, cells: Cells, languages: Sequence[str]
    ) -> None:
        self._query, self._timeline, self._cells = query, timeline, cells
        self._metric = METRICS[query.metric]
        publication_zone = query.zone if query.by_publication else None
        self._bucket_parameters = bucket_parameters(query.filter, timeline.buckets, publication_zone)
        self._labels = [_group_labels(groups, languages) for groups in cells.groups]

    def build(self, columns: Columns) -> list[dict[str, Any]]:
        """Build a row for each bucket and group of each series, even without incidents.

        `drill_down` has the parameters that select the incidents behind the value, None if none can.
        Raises InvalidInput for more than MAX_ROWS rows.
        """
        all_series = series_of(self._metric, columns, self._timeline.rows)
        _check_count(len(all_series) * len(self._timeline.buckets) * len(self._cells.groups))
        return [row for series in all_series for row in self._series_rows(series)]

    def _series_rows(self, series: Series) -> Iterator[dict[str, Any]]:
        timeline, width = self._timeline, len(self._cells.groups)
        values, counts = self._aggregate(series)
        selections = [self._group_parameters(groups, series) for groups in self._cells.groups]
        for number, bucket in enumerate(timeline.buckets):
            dates = {"bucket_start": iso(bucket.full.first), "bucket_end": iso(bucket.full.last)}
            partial = timeline.is_partial(bucket)
            for group, labels in enumerate(self._labels):
                cell = (timeline.offset + number) * width + group
                value, selection = values[cell], selections[group]
                yield {
                    **dates,
                    "bucket": bucket.name,
                    **labels,
                    "value": value,
                    "unit": series.unit,
                    "alleged": series.alleged,
                    **_compare(value, values[number * width + group] if timeline.offset else None),
                    "partial": partial,
                    "incidents": counts[cell],
                    "warning": "few" if 0 < counts[cell] < MIN_RELIABLE_INCIDENTS else None,
                    "drill_down": None if selection is None else (self._bucket_parameters[number], selection),
                }

    def _aggregate(self, series: Series) -> tuple[list[float | None], list[int]]:
        """The value of each cell, None if unknown, and the number of incidents behind it."""
        cells, timeline = self._cells, self._timeline
        size = (timeline.offset + len(timeline.buckets)) * len(cells.groups)
        values, counts = aggregate(self._metric.statistic, cells.numbers, series.values[cells.indices], size)
        if self._metric.measure is Measure.INCIDENTS:
            return counts.tolist(), counts.tolist()
        return [None if value != value else value for value in values.tolist()], counts.tolist()  # noqa: PLR0124 (NaN)

    def _group_parameters(self, groups: Groups, series: Series) -> QueryParameters | None:
        conditions = [group.condition for group in groups]
        return group_parameters(self._query.filter, conditions, series.parameters)


def _check_count(count: int) -> None:
    if count > MAX_ROWS:
        detail = Message(
            "That would be {count:,} rows; at most {most:,} are given. "
            "Choose a longer interval, a shorter period, or a smaller `top`.",
            count=count,
            most=MAX_ROWS,
        )
        raise InvalidInput([FieldError("interval", detail)], detail)


def _group_labels(groups: Groups, languages: Sequence[str]) -> dict[str, str | None]:
    """The columns that name up to two groups."""
    first, second, *_ = (*groups, None, None)
    return {
        "group": first.key if first else None,
        "group_label": first.label if first else label(_ALL_LABELS, languages),
        "group_2": second.key if second else None,
        "group_2_label": second.label if second else None,
    }


def _compare(value: float | None, previous: float | None) -> dict[str, float | None]:
    """The columns that compare a value with the previous period."""
    diff = None if value is None or previous is None else value - previous
    percent = None if diff is None or not previous else round(100 * diff / previous, 2)
    return {"previous_value": previous, "diff": diff, "pct_diff": percent}


def aggregate(statistic: Statistic, cells: Array, values: Array, size: int) -> tuple[Array, Array]:
    """Compute a statistic of the values in each of `size` cells, and count them.

    `cells` and `values` are parallel; NaN is not counted. Percentiles are interpolated between the two
    nearest values, like SQL's `percentile_cont`.
    """
    known = ~np.isnan(values)
    cells, values = cells[known], values[known]
    counts = np.bincount(cells, minlength=size)
    if statistic is Statistic.COUNT:
        return counts.astype(np.float64), counts
    if statistic in (Statistic.SUM, Statistic.MEAN):
        sums = np.bincount(cells, values, size)
        with np.errstate(invalid="ignore"):
            return sums / (counts if statistic is Statistic.MEAN else counts > 0), counts
    if statistic is Statistic.MAX:
        largest = np.full(size, -np.inf)
        np.maximum.at(largest, cells, values)
        return np.where(counts > 0, largest, np.nan), counts
    return _percentile(cells, values, counts, 0.5 if statistic is Statistic.MEDIAN else 0.9), counts


def _percentile(cells: Array, values: Array, counts: Array, fraction: float) -> Array:
    order = np.lexsort((values, cells))
    values = np.append(values[order], np.nan)
    starts = np.cumsum(counts) - counts
    rank = (counts - 1) * fraction
    low = np.floor(rank).astype(np.int64)
    high = np.minimum(low + 1, counts - 1)
    lower, upper = values[starts + np.maximum(low, 0)], values[starts + np.maximum(high, 0)]
    return np.where(counts > 0, lower + (upper - lower) * (rank - low), np.nan)
