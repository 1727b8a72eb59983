"""Statistics of many groups at once: arrays of cells, with NaN where nothing is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kb.domain.metrics import Statistic

if TYPE_CHECKING:
    from kb.services.trends.column_queries import Array


def statistic(kind: Statistic, cells: Array, values: Array, size: int) -> tuple[Array, Array]:
    """Of each of `size` cells, the statistic of the values that fall into it, and how many they are.

    `cells` and `values` are parallel; what is NaN is not counted. Percentiles are interpolated between the
    two nearest values, like `percentile_cont` of SQL.
    """
    known = ~np.isnan(values)
    cells, values = cells[known], values[known]
    counts = np.bincount(cells, minlength=size)
    if kind is Statistic.COUNT:
        return counts.astype(np.float64), counts
    if kind in (Statistic.SUM, Statistic.MEAN):
        sums = np.bincount(cells, values, size)
        with np.errstate(invalid="ignore"):
            found = sums / (counts if kind is Statistic.MEAN else counts > 0)
        return found, counts
    if kind is Statistic.MAX:
        found = np.full(size, -np.inf)
        np.maximum.at(found, cells, values)
        return np.where(counts > 0, found, np.nan), counts
    return _percentile(cells, values, counts, 0.5 if kind is Statistic.MEDIAN else 0.9), counts


def _percentile(cells: Array, values: Array, counts: Array, share: float) -> Array:
    order = np.lexsort((values, cells))
    values = np.append(values[order], np.nan)
    starts = np.cumsum(counts) - counts
    place = (counts - 1) * share
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, counts - 1)
    lower, upper = values[starts + np.maximum(low, 0)], values[starts + np.maximum(high, 0)]
    return np.where(counts > 0, lower + (upper - lower) * (place - low), np.nan)
