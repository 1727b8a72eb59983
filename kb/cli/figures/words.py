"""The words of a chart: its title, its conditions and its notes, as messages."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from kb.cli.figures.series import bucket_names
from kb.domain.filters import OVERLAPPING_DIMENSIONS
from kb.domain.metrics import METRICS, Measure, Statistic
from kb.messages import Message, counted, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.domain.filters import QueryParameters

Report = dict[str, Any]

_METRICS = {
    "count": Message("Incidents"),
    "severity_mean": Message("Mean severity"),
    "severity_max": Message("Highest severity"),
    "minutes_to_acknowledge_median": Message("Median minutes to acknowledgment"),
    "minutes_to_acknowledge_p90": Message("Minutes to acknowledgment, 90th percentile"),
    "minutes_to_remove_median": Message("Median minutes to removal"),
    "minutes_to_remove_p90": Message("Minutes to removal, 90th percentile"),
    "market_value_lost": Message("Market value lost"),
}
_DIMENSIONS = {
    "category": Message("category"),
    "failure_mode": Message("failure mode"),
    "theme": Message("theme"),
    "platform": Message("platform"),
    "industry": Message("industry"),
    "response": Message("response"),
    "organization": Message("organization"),
    "team": Message("team"),
    "severity": Message("severity"),
    "language": Message("language"),
    "kind": Message("kind"),
}
_INTERVALS = {
    "day": (Message("day"), Message("one day")),
    "week": (Message("week"), Message("one week")),
    "month": (Message("month"), Message("one month")),
    "quarter": (Message("quarter"), Message("one quarter")),
    "year": (Message("year"), Message("one year")),
}
"""The name of each interval, and of one bucket of it."""


def title(report: Report, dimensions: Sequence[str]) -> Message:
    """`Incidents by category, by month, 2014 to 2018`."""
    words = _METRICS[report["metric"]]
    if dimensions:
        groups = _DIMENSIONS[dimensions[0]]
        for name in dimensions[1:]:
            groups = Message("{groups} and {group}", groups=groups, group=_DIMENSIONS[name])
        words = Message("{metric} by {groups}", metric=words, groups=groups)
    if report["interval"] in _INTERVALS:
        interval, _ = _INTERVALS[report["interval"]]
        words = Message("{metric}, by {interval}", metric=words, interval=interval)
    return joined([words, period(report)], ", ")


def period(report: Report) -> Message:
    """The period of a report, in years or months if it consists of whole ones: `2014 to 2018`."""
    first, last = date.fromisoformat(report["from"]), date.fromisoformat(report["to"])
    length = 10
    if first.day == 1 and (last + timedelta(1)).day == 1:
        length = 4 if (first.month, last.month) == (1, 12) else 7
    # As messages, dates are not isolated: their digits keep their order in Hebrew.
    start, end = Message(first.isoformat()[:length]), Message(last.isoformat()[:length])
    return start if start == end else Message("{start} to {end}", start=start, end=end)


def conditions(filters: QueryParameters) -> Message | None:
    """The filters of a report as typed; None without any."""
    typed = joined((f"{name}={value}" for name, value in filters), ", ")
    return Message("Only {filters}", filters=typed) if typed else None


def notes(report: Report, dimensions: Sequence[str]) -> list[Message]:
    """The notes that a reader needs: whether groups overlap, and what is missing or incomplete."""
    found: list[Message] = []
    added = METRICS[report["metric"]].statistic in (Statistic.COUNT, Statistic.SUM)
    if added and report["rows"] and not OVERLAPPING_DIMENSIONS.isdisjoint(dimensions):
        found.append(
            Message(
                "An incident can be in several groups and counts in each of them: the groups do not add up."
            )
        )
    if _currencies(report) > 1:
        found.append(Message("Currencies are not converted."))
    return [*found, *undated_note(report), *partial_note(report)]


def no_data_message(report: Report) -> Message:
    """The text of a chart without any values."""
    return Message("No incidents match") if report["metric"] == "count" else Message("Nothing is known")


def undated_note(report: Report) -> list[Message]:
    """A note on how many incidents are in no bucket; empty if all are in one."""
    if not report["undated"]:
        return []
    _, bucket = _INTERVALS.get(report["interval"], (None, Message("this period")))
    return [
        counted(
            "{num} more incident is not dated precisely enough to assign to {bucket}.",
            "{num} more incidents are not dated precisely enough to assign to {bucket}.",
            report["undated"],
            bucket=bucket,
        )
    ]


def partial_note(report: Report) -> list[Message]:
    """A note on the incomplete buckets; empty if there are none."""
    partial = bucket_names(row for row in report["rows"] if row["partial"])
    if not partial:
        return []
    # Isolated: in Hebrew, 2026-Q4 would be shown as Q4-2026.
    buckets = joined(partial, ", ") if report["interval"] in _INTERVALS else period(report)
    return [Message("Incomplete: {buckets}.", buckets=buckets)]


def _currencies(report: Report) -> int:
    if METRICS[report["metric"]].measure is not Measure.MARKET_VALUE:
        return 0
    return len({row["unit"] for row in report["rows"]})
