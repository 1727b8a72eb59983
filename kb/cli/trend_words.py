"""The words of a chart, in English and in Hebrew: its title, its conditions and its notes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from kb.cli.trend_series import bucket_names
from kb.domain.filters import OVERLAPPING_DIMENSIONS
from kb.domain.language import text_direction
from kb.domain.metrics import METRICS, Measure, Statistic

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kb.domain.filters import QueryParameters

Report = dict[str, Any]

_METRICS = {
    "count": {"en": "Incidents", "he": "אירועים"},
    "severity_mean": {"en": "Mean severity", "he": "חומרה ממוצעת"},
    "severity_max": {"en": "Highest severity", "he": "החומרה הגבוהה ביותר"},
    "minutes_to_acknowledge_median": {
        "en": "Median minutes to acknowledgment",
        "he": "חציון הדקות עד ההתייחסות",
    },
    "minutes_to_acknowledge_p90": {
        "en": "Minutes to acknowledgment, 90th percentile",
        "he": "דקות עד ההתייחסות, אחוזון 90",
    },
    "minutes_to_remove_median": {"en": "Median minutes to removal", "he": "חציון הדקות עד ההסרה"},
    "minutes_to_remove_p90": {"en": "Minutes to removal, 90th percentile", "he": "דקות עד ההסרה, אחוזון 90"},
    "market_value_lost": {"en": "Market value lost", "he": "אובדן שווי שוק"},
}
_DIMENSIONS = {
    "category": {"en": "category", "he": "קטגוריה"},
    "failure_mode": {"en": "failure mode", "he": "אופן הכשל"},
    "theme": {"en": "theme", "he": "נושא"},
    "platform": {"en": "platform", "he": "פלטפורמה"},
    "industry": {"en": "industry", "he": "ענף"},
    "response": {"en": "response", "he": "תגובה"},
    "organization": {"en": "organization", "he": "ארגון"},
    "team": {"en": "team", "he": "צוות"},
    "severity": {"en": "severity", "he": "חומרה"},
    "language": {"en": "language", "he": "שפה"},
    "kind": {"en": "kind", "he": "סוג"},
}
_INTERVALS = {
    "day": {"en": "day", "he": "יום"},
    "week": {"en": "week", "he": "שבוע"},
    "month": {"en": "month", "he": "חודש"},
    "quarter": {"en": "quarter", "he": "רבעון"},
    "year": {"en": "year", "he": "שנה"},
}
_WORDS = {
    "by": {"en": " by {}", "he": " לפי {}"},
    "by_interval": {"en": ", by {}", "he": ", לפי {}"},
    "and": {"en": " and ", "he": " ו"},
    "period": {"en": "{} to {}", "he": "{} עד {}"},
    "only": {"en": "Only {}", "he": "רק {}"},
    "nothing": {"en": "No incidents match", "he": "אין אירועים מתאימים"},
    "unknown": {"en": "Nothing is known", "he": "אין נתונים"},
    "overlapping": {
        "en": "An incident can be in several groups and counts in each of them: the groups do not add up.",
        "he": "אירוע יכול להיות בכמה קבוצות ונספר בכל אחת מהן: אין לחבר את הקבוצות.",
    },
    "currencies": {"en": "Currencies are not converted.", "he": "המטבעות אינם מומרים."},
    "undated_one": {
        "en": "1 more incident is not dated precisely enough to assign to {bucket}.",
        "he": "אירוע אחד נוסף אינו מתוארך במדויק דיו, ואינו בתרשים.",
    },
    "undated": {
        "en": "{number} more incidents are not dated precisely enough to assign to {bucket}.",
        "he": "עוד {number} אירועים אינם מתוארכים במדויק דיו, ואינם בתרשים.",
    },
    "partial": {"en": "Incomplete: {}.", "he": "עדיין לא שלם: {}."},
}


def title(report: Report, dimensions: Sequence[str], language: str) -> str:
    """`Incidents by category, by month, 2014 to 2018`."""
    words = _METRICS[report["metric"]][language]
    if dimensions:
        groups = _WORDS["and"][language].join(_DIMENSIONS[name][language] for name in dimensions)
        words += _WORDS["by"][language].format(groups)
    if report["interval"] in _INTERVALS:
        words += _WORDS["by_interval"][language].format(_INTERVALS[report["interval"]][language])
    return f"{words}, {period(report, language)}"


def period(report: Report, language: str) -> str:
    """The period of a report, in years or months if it consists of whole ones: `2014 to 2018`."""
    first, last = date.fromisoformat(report["from"]), date.fromisoformat(report["to"])
    length = 10
    if first.day == 1 and (last + timedelta(1)).day == 1:
        length = 4 if (first.month, last.month) == (1, 12) else 7
    ends = [first.isoformat()[:length], last.isoformat()[:length]]
    return ends[0] if ends[0] == ends[1] else _WORDS["period"][language].format(*ends)


def conditions(filters: QueryParameters, language: str) -> str | None:
    """The filters of a report as typed; None without any."""
    typed = ", ".join(_isolate(f"{name}={value}", language) for name, value in filters)
    return _WORDS["only"][language].format(typed) if typed else None


def notes(report: Report, dimensions: Sequence[str], language: str) -> list[str]:
    """The notes that a reader needs: whether groups overlap, and what is missing or incomplete."""
    added = METRICS[report["metric"]].statistic in (Statistic.COUNT, Statistic.SUM)
    overlapping = added and report["rows"] and not OVERLAPPING_DIMENSIONS.isdisjoint(dimensions)
    return [
        *_if(overlapping, _WORDS["overlapping"][language]),
        *_if(_currencies(report) > 1, _WORDS["currencies"][language]),
        *undated_note(report, language),
        *partial_note(report, language),
    ]


def no_data(report: Report, language: str) -> str:
    """The text of a chart without any values."""
    return _WORDS["nothing" if report["metric"] == "count" else "unknown"][language]


def undated_note(report: Report, language: str) -> list[str]:
    """A note on how many incidents are in no bucket; empty if all are in one."""
    number = report["undated"]
    if not number:
        return []
    words = _WORDS["undated_one" if number == 1 else "undated"][language]
    bucket = f"one {report['interval']}" if report["interval"] in _INTERVALS else "this period"
    return [words.format(number=number, bucket=bucket)]


def partial_note(report: Report, language: str) -> list[str]:
    """A note on the incomplete buckets; empty if there are none."""
    partial = bucket_names(row for row in report["rows"] if row["partial"])
    if report["interval"] in _INTERVALS:
        partial = [_isolate(name, language) for name in partial]
    elif partial:
        partial = [period(report, language)]
    return [_WORDS["partial"][language].format(", ".join(partial))] if partial else []


def _isolate(text: str, language: str) -> str:
    """Isolate a left-to-right text within `language`: in Hebrew, 2026-Q4 would be shown as Q4-2026."""
    return f"\u2066{text}\u2069" if text_direction(language) == "rtl" else text


def _currencies(report: Report) -> int:
    if METRICS[report["metric"]].measure is not Measure.MARKET_VALUE:
        return 0
    return len({row["unit"] for row in report["rows"]})


def _if(condition: object, text: str) -> Iterable[str]:
    return [text] if condition else []
