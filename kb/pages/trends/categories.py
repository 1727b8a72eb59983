"""A category: what goes wrong, how it ends, and what helps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import render_template

from kb.domain.filters import IncidentFilter
from kb.domain.incident import Status
from kb.domain.periods import Interval
from kb.errors import NotFound
from kb.messages import Message
from kb.models.base import utc_now
from kb.pages.api_urls import filtered_feed_url
from kb.pages.bar_chart import BarChart, yearly_chart
from kb.pages.language import text_languages
from kb.pages.trends.trends import IncidentLinks
from kb.pages.words.trend_words import incidents_text
from kb.services.incidents.read import list_incidents
from kb.services.incidents.shared_lessons import shared_lessons
from kb.services.taxonomy.listing import get_namespace
from kb.services.trends.query import TrendsQuery
from kb.services.trends.report import build_report
from kb.services.trends.snapshot import open_snapshot
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Blueprint

    from kb.services.trends.snapshot import Snapshot

REMOVED, ACKNOWLEDGED = "minutes_to_remove_median", "minutes_to_acknowledge_median"

_MEASURES = {"severity": "severity_mean", "removed": REMOVED, "acknowledged": ACKNOWLEDGED}
_DIMENSIONS = ("category", "failure_mode", "response", "severity")
_MAX_FAILURE_MODES = 6
_MAX_RESPONSES = 8
_LATEST = 10
_MAX_LESSONS = 15
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


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/categories", view_func=categories_page)
    blueprint.add_url_rule("/categories/<key>", view_func=category_page)


@with_permission_check
def categories_page() -> str:
    """List the categories with their figures, the most frequent first."""
    figures = _figures_by_category()
    listed = [(term, figures.get(term["key"], {})) for term in _terms()]
    return render_template(
        "categories.html",
        categories=sorted(listed, key=lambda pair: -_value(pair[1], "count")),
        incidents_of=IncidentLinks(),
    )


@with_permission_check
def category_page(key: str) -> str:
    """Show a category: its figures, the responses, its lessons and its latest incidents.

    Raises NotFound for one that does not exist.
    """
    actor, languages = current_actor(), text_languages()
    term = next((term for term in _terms() if term["key"] == key), None)
    if term is None:
        raise NotFound(Message("There is no category {key!r}.", key=key[:100]))
    figures = _category_figures(key)
    return render_template(
        "category.html",
        term=term,
        figures=figures,
        total=incidents_text(figures.total),
        failure_mode_shares=_shares(figures.failure_modes),
        severity_shares=_shares(figures.severities),
        lessons=shared_lessons(actor, _published_in(key), languages, limit=_MAX_LESSONS),
        latest=list_incidents(actor, _published_in(key), languages, limit=_LATEST, cursor=None),
        incidents_of=IncidentLinks(),
        filtered_feed=filtered_feed_url([("category", key)]),
    )


def _terms() -> list[dict[str, Any]]:
    terms = get_namespace(current_actor(), "category", text_languages())["terms"]
    return [term for term in terms if not term["retired"]]


def _value(figures: dict[str, dict[str, Any]], name: str) -> float:
    return float(figures[name]["value"]) if name in figures else 0


def _published_in(category: str) -> IncidentFilter:
    """Return the filter for a category's published incidents."""
    return IncidentFilter(statuses=(Status.PUBLISHED,), terms={"category": (category,)})


def _category_figures(category: str) -> CategoryFigures:
    """Return the figures of a category's published incidents that the reader may see."""
    chosen = _published_in(category)
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


def _figures_by_category() -> dict[str, dict[str, Row]]:
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


def _shares(rows: list[Row]) -> Mapping[str, int]:
    """Return the bar length of each group, in twentieths of a full bar."""
    most = max([_FULL_BAR, *(row["value"] for row in rows)])
    return {row["group"]: round(20 * row["value"] / most) for row in rows}
