"""Trends in words: metrics, intervals, values, and the sentence that summarizes a chart."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from babel.dates import format_skeleton

from kb.date_words import day_text
from kb.domain.filters import UNKNOWN_KEY
from kb.domain.metrics import METRICS
from kb.domain.periods import Interval
from kb.pages.formats import SEVERITIES, duration, number
from kb.pages.language import interface_language
from kb.pages.messages import _, _l, _n

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.pages.messages import LazyText

METRIC_NAMES: Mapping[str, LazyText] = {
    "count": _l("Number of incidents"),
    "severity_mean": _l("Severity, on average"),
    "severity_max": _l("Highest severity"),
    "minutes_to_acknowledge_median": _l("Time to acknowledgment, median"),
    "minutes_to_acknowledge_p90": _l("Time to acknowledgment, 90th percentile"),
    "minutes_to_remove_median": _l("Time to removal, median"),
    "minutes_to_remove_p90": _l("Time to removal, 90th percentile"),
    "market_value_lost": _l("Market value lost"),
}

INTERVALS: Mapping[str, LazyText] = {
    "year": _l("by year"),
    "quarter": _l("by quarter"),
    "month": _l("by month"),
    "week": _l("by week"),
    "day": _l("by day"),
    "none": _l("all years together"),
}

_WHOLE_CAPTIONS: Mapping[str, LazyText] = {
    "severity_mean": _l("On average, a severity of %(value)s of 5, judged in %(incidents)s"),
    "severity_max": _l("The gravest: a severity of %(value)s of 5, judged in %(incidents)s"),
    "minutes_to_remove_median": _l(
        "Half of the posts were gone after %(value)s, where it is known: %(incidents)s"
    ),
    "minutes_to_remove_p90": _l(
        "Nine of ten posts were gone after %(value)s, where it is known: %(incidents)s"
    ),
    "minutes_to_acknowledge_median": _l(
        "Half were acknowledged within %(value)s, where it is known: %(incidents)s"
    ),
    "minutes_to_acknowledge_p90": _l(
        "Nine of ten were acknowledged within %(value)s, where it is known: %(incidents)s"
    ),
}

SPARE_GROUPS = ("~other", UNKNOWN_KEY)
"""The groups of the rest and of unknown values, which may be larger than all others."""


def value_text(metric: str, value: float | None, unit: str | None = None) -> str:
    """Format a value with its unit, as people read it; a dash if it is unknown."""
    if value is None:
        return "–"
    if METRICS[metric].unit == "minutes":
        return duration(value)
    if METRICS[metric].unit is None:
        return f"{number(round(value))} {unit or ''}".rstrip()
    return number(round(value, 1))


def bucket_text(row: Mapping[str, Any], interval: Interval) -> str:
    """Format the name of a bucket: `2018`, `May 2018`, `Q2 2018`, `week 20 of 2018`."""
    locale = interface_language()
    first = date.fromisoformat(row["bucket_start"])
    if interval is Interval.MONTH:
        return format_skeleton("yMMM", first, locale=locale)
    if interval is Interval.QUARTER:
        return format_skeleton("yQQQ", first, locale=locale)
    if interval is Interval.WEEK:
        year, week = row["bucket"].split("-W")
        return _("week %(week)s of %(year)s", week=int(week), year=year)
    if interval is Interval.DAY:
        return day_text(first, locale, short=True)
    return str(row["bucket"]) if interval is Interval.YEAR else _("all years")


def period_text(first: str, last: str) -> str:
    """Format a period by the names of its first and last bucket: `2017-2018`, without a line break."""
    dash = "\N{WORD JOINER}\N{EN DASH}\N{WORD JOINER}"
    return first if first == last else f"{first}{dash}{last}"


def group_label(row: Mapping[str, Any]) -> str:
    """Return the label of a group, or of a pair of groups."""
    if row["group_2_label"] is None:
        return str(row["group_label"])
    return f"{row['group_label']} · {row['group_2_label']}"


def severity_label(row: Mapping[str, Any]) -> str:
    """Describe a severity; the service's label if it is unknown."""
    level = str(row["group"])
    return f"{level}: {SEVERITIES[int(level)]}" if level.isdecimal() else str(row["group_label"])


def incidents_text(count: int) -> str:
    """Format a number of incidents: `12 incidents`."""
    return _n("%(num)s incident", "%(num)s incidents", count)


def time_caption(
    metric: str, rows: Sequence[Mapping[str, Any]], whole: Mapping[str, Any], interval: Interval
) -> str:
    """Summarize a chart over time, from its rows and the value of the whole period."""
    known = [row for row in rows if row["value"]]
    if not known:
        return _("Nothing is known for this choice")
    first = bucket_text(known[0], interval)
    most = max(row["value"] for row in known)
    peaks = [bucket_text(row, interval) for row in known if row["value"] == most]
    if metric == "count":
        whole_text = incidents_text(whole["incidents"])
        if len(known) == 1:
            return _("%(incidents)s, in %(first)s", incidents=whole_text, first=first)
        if len(peaks) == 1:
            return _(
                "%(incidents)s since %(first)s; most of them, %(most)s, in %(peak)s",
                incidents=whole_text, first=first, most=number(most), peak=peaks[0],
            )  # fmt: skip
        return _(
            "%(incidents)s since %(first)s; never more than %(most)s at once",
            incidents=whole_text, first=first, most=number(most),
        )  # fmt: skip
    return _whole_caption(metric, whole)


def group_caption(metric: str, totals: Sequence[Mapping[str, Any]], whole: Mapping[str, Any]) -> str:
    """Summarize a chart of groups: which of them comes first."""
    named = [row for row in totals if row["value"] and row["group"] not in SPARE_GROUPS]
    if not named:
        return _("Nothing is known for this choice")
    first = max(named, key=lambda row: row["value"])
    text = value_text(metric, first["value"])
    if metric == "count" and sum(row["value"] == first["value"] for row in named) > 1:
        return _(
            "No group stands out: at most %(count)s of %(incidents)s are in one",
            count=text, incidents=incidents_text(whole["incidents"]),
        )  # fmt: skip
    if metric == "count":
        return _(
            "Most often: %(group)s, %(count)s of %(incidents)s",
            group=isolated(first["group_label"]), count=text, incidents=incidents_text(whole["incidents"]),
        )  # fmt: skip
    of_whole = value_text(metric, whole["value"])
    values = {"group": isolated(first["group_label"]), "value": text, "whole": of_whole}
    if metric.startswith("severity"):
        return _("Gravest: %(group)s, %(value)s of 5; all incidents, %(whole)s", **values)
    if "remove" in metric:
        return _("Removed latest: %(group)s, after %(value)s; all posts, after %(whole)s", **values)
    return _("Acknowledged latest: %(group)s, after %(value)s; all incidents, after %(whole)s", **values)


def isolated(name: str) -> str:
    """Isolate a name, so that its script does not reorder adjacent numbers."""
    return f"\u2068{name}\u2069"


def _whole_caption(metric: str, whole: Mapping[str, Any]) -> str:
    caption = str(_WHOLE_CAPTIONS.get(metric, METRIC_NAMES[metric]))
    value = value_text(metric, whole["value"], whole["unit"])
    return caption % {"value": value, "incidents": incidents_text(whole["incidents"])}
