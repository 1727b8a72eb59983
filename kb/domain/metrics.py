"""The metrics of trends. To add one with an existing measure, add a line to METRICS."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Measure(StrEnum):
    """A quantity measured per incident; it may be unknown.

    Market value has one number per currency, separately for alleged and established losses.
    """

    INCIDENTS = "incidents"
    SEVERITY = "severity"
    MINUTES_TO_ACKNOWLEDGE = "minutes_to_acknowledge"
    MINUTES_TO_REMOVE = "minutes_to_remove"
    MARKET_VALUE = "market_value"


class Statistic(StrEnum):
    """An aggregate function over the values of incidents."""

    COUNT = "count"
    SUM = "sum"
    MEAN = "mean"
    MAX = "max"
    MEDIAN = "median"
    P90 = "p90"


class Metric(NamedTuple):
    """A statistic of a measure; `unit` is None if each series has its own currency."""

    measure: Measure
    statistic: Statistic
    unit: str | None


METRICS = {
    "count": Metric(Measure.INCIDENTS, Statistic.COUNT, "incidents"),
    "severity_mean": Metric(Measure.SEVERITY, Statistic.MEAN, "severity"),
    "severity_max": Metric(Measure.SEVERITY, Statistic.MAX, "severity"),
    "minutes_to_acknowledge_median": Metric(Measure.MINUTES_TO_ACKNOWLEDGE, Statistic.MEDIAN, "minutes"),
    "minutes_to_acknowledge_p90": Metric(Measure.MINUTES_TO_ACKNOWLEDGE, Statistic.P90, "minutes"),
    "minutes_to_remove_median": Metric(Measure.MINUTES_TO_REMOVE, Statistic.MEDIAN, "minutes"),
    "minutes_to_remove_p90": Metric(Measure.MINUTES_TO_REMOVE, Statistic.P90, "minutes"),
    "market_value_lost": Metric(Measure.MARKET_VALUE, Statistic.SUM, None),
}
"""The metrics by name, in the order in which they are documented."""
