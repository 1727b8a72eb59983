"""The figures of a category: frequency, failure modes, responses and how fast they came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from kb.domain.filters import IncidentFilter
from kb.domain.incident import Status
from kb.domain.periods import Interval
from kb.models.base import utc_now
from kb.pages.bar_chart import BarChart, yearly_chart
from kb.pages.language import text_languages
from kb.services.trends.query import TrendsQuery
from kb.services.trends.report import build_report
from kb.services.trends.snapshot import open_snapshot
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.services.trends.snapshot import Snapshot

REMOVED, ACKNOWLEDGED = "minutes_to_remove_median", "minutes_to_acknowledge_median"

_MEASURES = {"severity": "severity_mean", "removed": REMOVED, "acknowledged": ACKNOWLEDGED}
_DIMENSIONS = ("category", "failure_mode", "response", "severity")
_MAX_FAILURE_MODES = 6
_MAX_RESPONSES = 8
_FULL_BAR = 5
"""The fewest incidents that a full bar stands for: otherwise single incidents would look like many."""

Row = dict[str, Any]


class CategoryFigures(NamedTuple):
    """The figures of a category: incidents by year, by group, and in total."""

    total: int
    chart: BarChart | None
    failure_modes: list[Row]
    responses: list[Row]
    severities: list[Row]
    measures: dict[str, Row]


def published_in(category: str) -> IncidentFilter:
    """Return the filter for a category's published incidents."""
    return IncidentFilter(statuses=(Status.PUBLISHED,), terms={"category": (category,)})


def category_figures(category: str) -> CategoryFigures:
    """Return the figures of a category's published incidents that the reader may see."""
    chosen = published_in(category)
    with open_snapshot(_DIMENSIONS) as snapshot:
        by_year = _rows(snapshot, chosen, interval=Interval.YEAR)
        responses = _groups(snapshot, chosen, "response", top=_MAX_RESPONSES)
        for name in ("removed", "acknowledged"):
            values = {
                row["group"]: row["value"]
                for row in _groups(snapshot, chosen, "response", metric=_MEASURES[name])
            }
            for row in responses:
                row[name] = values.get(row["group"])
        severities = _groups(snapshot, chosen, "severity")
        return CategoryFigures(
            total=_rows(snapshot, chosen)[0]["value"],
            chart=yearly_chart(by_year, bounds=("within_from", "within_to"), filters={"category": category}),
            failure_modes=_groups(snapshot, chosen, "failure_mode", top=_MAX_FAILURE_MODES),
            responses=responses,
            severities=sorted(severities, key=lambda row: row["group"], reverse=True),
            measures={name: _rows(snapshot, chosen, metric=metric)[0] for name, metric in _MEASURES.items()},
        )


def figures_by_category() -> dict[str, dict[str, Row]]:
    """Return the measures of each category by its key: `severity`, `removed` and `acknowledged`."""
    chosen = IncidentFilter(statuses=(Status.PUBLISHED,))
    figures: dict[str, dict[str, Row]] = {}
    with open_snapshot(_DIMENSIONS) as snapshot:
        for name, metric in {"count": "count", **_MEASURES}.items():
            for row in _groups(snapshot, chosen, "category", metric=metric, top=100):
                figures.setdefault(row["group"], {})[name] = row
    return figures


def _groups(
    snapshot: Snapshot, chosen: IncidentFilter, dimension: str, *, metric: str = "count", top: int = 30
) -> list[Row]:
    """Return the rows of a dimension's groups, without the unknown one."""
    rows = _rows(snapshot, chosen, metric=metric, dimensions=(dimension,), top=top, other=False)
    return [row for row in rows if not row["group"].startswith("~") and row["value"]]


def _rows(snapshot: Snapshot, chosen: IncidentFilter, **options: Any) -> list[Row]:
    query = TrendsQuery(**{"zone": ZoneInfo("UTC"), "filter": chosen, **options})
    return build_report(current_actor(), query, text_languages(), snapshot, as_of=utc_now()).rows


def shares(rows: list[Row]) -> Mapping[str, int]:
    """Return the bar length of each group, in twentieths of a full bar."""
    most = max([_FULL_BAR, *(row["value"] for row in rows)])
    return {row["group"]: round(20 * row["value"] / most) for row in rows}
