"""What can be counted or measured about many incidents. A new metric is one line of the table."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Measure(StrEnum):
    """What is known, or not, of each incident: one number, or several that are kept apart."""

    INCIDENTS = "incidents"
    SEVERITY = "severity"
    ACKNOWLEDGED = "acknowledged"
    REMOVED = "removed"
    MARKET_VALUE = "market_value"


class Statistic(StrEnum):
    """What is made of the numbers of several incidents."""

    COUNT = "count"
    SUM = "sum"
    MEAN = "mean"
    MAX = "max"
    MEDIAN = "median"
    P90 = "p90"


class Metric(NamedTuple):
    """A statistic of a measure; `unit` is None where each value has its own currency."""

    measure: Measure
    statistic: Statistic
    unit: str | None


METRICS = {
    "count": Metric(Measure.INCIDENTS, Statistic.COUNT, "incidents"),
    "severity_mean": Metric(Measure.SEVERITY, Statistic.MEAN, "severity"),
    "severity_max": Metric(Measure.SEVERITY, Statistic.MAX, "severity"),
    "minutes_to_acknowledge_median": Metric(Measure.ACKNOWLEDGED, Statistic.MEDIAN, "minutes"),
    "minutes_to_acknowledge_p90": Metric(Measure.ACKNOWLEDGED, Statistic.P90, "minutes"),
    "minutes_to_remove_median": Metric(Measure.REMOVED, Statistic.MEDIAN, "minutes"),
    "minutes_to_remove_p90": Metric(Measure.REMOVED, Statistic.P90, "minutes"),
    "market_value_lost": Metric(Measure.MARKET_VALUE, Statistic.SUM, None),
}
"""By name, in the order in which they are documented."""
