"""The series of a metric: the numbers that incidents contribute, in one unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kb.domain.filters import KnownField, Loss
from kb.domain.metrics import Measure, Metric
from kb.services.trends.columns import UNKNOWN, UNKNOWN_TIME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.domain.filters import QueryParameters
    from kb.services.trends.columns import Array, Columns

_ENDS = {
    Measure.MINUTES_TO_ACKNOWLEDGE: KnownField.ACKNOWLEDGED,
    Measure.MINUTES_TO_REMOVE: KnownField.REMOVED,
}
"""The fact that ends each duration; every duration starts at `posted`."""


class Series(NamedTuple):
    """A number for each of some rows, NaN where it is unknown.

    `parameters` select the incidents whose number is known; None where there are none.
    """

    unit: str | None
    alleged: bool | None
    values: Array
    parameters: QueryParameters | None


def series_of(metric: Metric, columns: Columns, rows: Array) -> list[Series]:
    """The series of a metric: one; for losses, one per currency and per alleged or established."""
    if metric.measure is Measure.INCIDENTS:
        return [Series(metric.unit, None, np.ones(len(rows)), ())]
    if metric.measure is Measure.SEVERITY:
        values = columns.facts["severity"][rows].astype(np.float64)
        values[values == UNKNOWN] = np.nan
        return [Series(metric.unit, None, values, (("known", KnownField.SEVERITY),))]
    if metric.measure is Measure.MARKET_VALUE:
        return list(_losses(columns, rows)) or [Series(None, None, np.full(len(rows), np.nan), None)]
    end = _ENDS[metric.measure]
    posted, ended = columns.facts["posted"][rows], columns.facts[end.value][rows]
    minutes = (ended - posted) / 60
    minutes[(posted == UNKNOWN_TIME) | (ended == UNKNOWN_TIME)] = np.nan
    return [Series(metric.unit, None, minutes, (("known", end),))]


def _losses(columns: Columns, rows: Array) -> Iterator[Series]:
    """Yield the sums of market value lost by the incidents of some rows, by currency and alleged or not."""
    losses = columns.losses
    index_of = np.full(columns.size, UNKNOWN, np.int64)
    index_of[rows] = np.arange(len(rows))
    selected = index_of[losses.rows] != UNKNOWN
    codes = {*zip(losses.currencies[selected].tolist(), losses.alleged[selected].tolist(), strict=True)}
    for currency, code, alleged in sorted((columns.currencies.values[code], code, a) for code, a in codes):
        chosen = selected & (losses.currencies == code) & (losses.alleged == alleged)
        indices = index_of[losses.rows[chosen]]
        sums = np.bincount(indices, losses.amounts[chosen], len(rows))
        sums[np.bincount(indices, minlength=len(rows)) == 0] = np.nan
        yield Series(currency, alleged, sums, (("lost", str(Loss(currency, alleged))),))
