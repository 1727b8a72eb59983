"""Statistics of many cells at once, NaN for cells without known values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kb.domain.metrics import Statistic

if TYPE_CHECKING:
    from kb.services.trends.columns import Array


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
