"""Trends: what goes wrong, and how often, as a chart, as a table, and for programs."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from flask import render_template, request, url_for

from kb.domain.filters import OVERLAPPING_DIMENSIONS
from kb.domain.metrics import METRICS
from kb.domain.periods import Interval
from kb.errors import InvalidInput
from kb.models.base import utc_now
from kb.pages.api_urls import api_url
from kb.pages.chips import DIMENSIONS
from kb.pages.form_errors import errors_by_field
from kb.pages.language import interface_language, text_languages
from kb.pages.messages import _l
from kb.pages.parameters import TREND, load_query
from kb.pages.trends.trend_chart import LARGE, SMALL, Drawing, draw, scale_of
from kb.pages.trends.trend_form import (
    DATE_ADVICE,
    DATES,
    trend_form,
    trend_parameters,
    trends_address,
    unsaid,
)
from kb.pages.trends.trend_sentence import (
    MIN_INCIDENTS,
    Change,
    change_between_halves,
    compares_halves,
    middle_period,
    trend_sentence,
)
from kb.pages.typed_dates import typed_date
from kb.pages.words.trend_words import (
    METRIC_NAMES,
    SPARE_GROUPS,
    bucket_text,
    group_caption,
    group_label,
    severity_label,
    time_caption,
    value_text,
)
from kb.schemas.trends import TrendsQuerySchema
from kb.services.trends.query import TrendsQuery, parse_query
from kb.services.trends.report import TrendsReport, build_report
from kb.services.trends.snapshot import open_snapshot
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    from kb.domain.filters import QueryParameters
    from kb.pages.messages import LazyText
    from kb.pages.parameters import Pairs

_VIEWS: Mapping[str, LazyText] = {"chart": _l("Chart"), "table": _l("Table"), "data": _l("Download")}

_MAX_CELLS = 160
"""The most values that a page shows: those of the last buckets."""

Row = dict[str, Any]


class Group(NamedTuple):
    """A group of incidents: its label, its value in the whole period, its value in each bucket, and the
    change in its number."""

    label: str
    total: Row
    rows: Sequence[Row]
    change: Change | None


class Trend(NamedTuple):
    """A report by time, the same report for the whole period, and without groups: its single value, and that
    value by time."""

    report: TrendsReport
    totals: Sequence[Row]
    whole: Row
    everything: Sequence[Row]


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/trends", view_func=trends_page)


@with_permission_check
def trends_page() -> ResponseReturnValue:
    """Show a metric by time and by group. Each view has its URL; each value links to its incidents."""
    parameters = trend_parameters()
    form = trend_form(parameters)
    try:
        query = trends_query()
        trend = _trend(query)
    except InvalidInput as error:
        errors = errors_by_field(error, dict.fromkeys(DATES, DATE_ADVICE))
        readable = [pair for pair in parameters if pair[0] not in errors]
        return render_template(
            "trends.html", errors=errors, query=None, form=form, readable_url=trends_address(readable)
        ), 422
    view = request.args.get("view", "chart")
    if view not in _VIEWS:
        view = "chart"
    if view == "chart" and (len(query.dimensions) > 1 or METRICS[query.metric].unit is None):
        view = "table"
    links = IncidentLinks()
    return render_template(
        "trends.html",
        form=form,
        query=query,
        view=view,
        tabs=[(key, title, trends_address([*parameters, ("view", key)])) for key, title in _VIEWS.items()],
        trend=trend,
        sentence=_sentence(trend),
        halves=change_between_halves(trend.everything, query.interval) if _has_halves(trend) else None,
        middle=middle_period(trend.everything, query.interval) if _has_halves(trend) else None,
        compares_halves=_has_halves(trend) and compares_halves(trend.everything, query.interval),
        caption=_caption(trend),
        has_groups=bool(query.dimensions),
        overlaps=bool(OVERLAPPING_DIMENSIONS.intersection(query.dimensions)),
        **_shown(trend, view, links),
        metric_name=METRIC_NAMES[query.metric],
        group_name=DIMENSIONS[query.dimensions[0]] if query.dimensions else "",
        urls=_data_urls(parameters),
        value_text=value_text,
        bucket_text=bucket_text,
        incidents_of=links,
    )


def trends_query() -> TrendsQuery:
    """Return the query of the URL, with the defaults of this page. Raises InvalidInput."""
    dates = {name: typed_date(request.args[name]) for name in DATES if request.args.get(name, "").strip()}
    return parse_query(load_query(TrendsQuerySchema(), **unsaid(), **dates))


class IncidentLinks:
    """Builds links to the page that lists exactly the incidents behind a value.

    A table may have 20,000 of them, so shared parts of the URLs are encoded once.
    """

    def __init__(self) -> None:
        pairs = []
        if request.endpoint == "pages.trends_page":
            pairs.append((TREND, urlencode(trend_parameters(with_view=True)) or "view=chart"))
        if request.args.get("lang"):
            pairs.append(("lang", interface_language()))
        self._page, self._end = url_for("pages.incident_list_page", lang=None), urlencode(pairs)
        self._encode = cache(_encoded)

    def __call__(self, row: Mapping[str, Any]) -> str | None:
        """Return the URL of the incidents behind the value of a row; None if there is none."""
        if row["drill_down"] is None:
            return None
        return f"{self._page}?{'&'.join(filter(None, (*map(self._encode, row['drill_down']), self._end)))}"


def _encoded(pairs: QueryParameters) -> str:
    """Encode parameters for the URL of the list, which shows published incidents by default."""
    return urlencode([pair for pair in pairs if pair != ("status", "published")])


def _trend(query: TrendsQuery) -> Trend:
    """Build the report of a query, and its totals for the whole period."""
    actor, languages, as_of = current_actor(), text_languages(), utc_now()
    with open_snapshot(query.dimensions) as snapshot:
        report = build_report(actor, query, languages, snapshot, as_of=as_of)
        whole_query = replace(
            query, interval=Interval.NONE, first=report.period.first, last=report.period.last
        )
        totals = build_report(actor, whole_query, languages, snapshot, as_of=as_of).rows
        whole = build_report(actor, replace(whole_query, dimensions=()), languages, snapshot, as_of=as_of)
        everything = report
        if query.dimensions:
            everything = build_report(actor, replace(query, dimensions=()), languages, snapshot, as_of=as_of)
    if query.dimensions[:1] == ("severity",):
        for row in (*report.rows, *totals):
            row["group_label"] = severity_label(row)
    return Trend(report, totals, whole.rows[0], everything.rows)


def _caption(trend: Trend) -> str:
    query = trend.report.query
    if query.dimensions:
        return group_caption(query.metric, trend.totals, trend.whole)
    return time_caption(query.metric, trend.report.rows, trend.whole, query.interval)


def _sentence(trend: Trend) -> str | None:
    """Describe what rises or falls, if the figures are numbers of incidents by time; else None."""
    query = trend.report.query
    if not _has_halves(trend):
        return None
    groups: dict[str, list[Row]] = {}
    for row in trend.report.rows:
        if query.dimensions and row["group"] not in SPARE_GROUPS:
            groups.setdefault(group_label(row), []).append(row)
    return trend_sentence(trend.everything, groups, query.interval)


def _has_halves(trend: Trend) -> bool:
    """Whether the figures are numbers of incidents by time."""
    query = trend.report.query
    return query.metric == "count" and query.interval is not Interval.NONE


def _shown(trend: Trend, view: str, links: IncidentLinks) -> dict[str, Any]:
    """Return the template variables of a view: groups with the values of the last buckets, cut to a page."""
    query = trend.report.query
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in trend.report.rows:
        groups.setdefault(_series_of(row), []).append(row)
    begin, end = _known_span(list(groups.values()))
    length = end - begin
    shown = max(1, min(length, _MAX_CELLS // max(len(groups), 1)))
    found = _groups(trend, groups, slice(max(begin, end - shown), end))
    spare = [group for group in found if query.dimensions and group.rows[0]["group"] in SPARE_GROUPS]
    is_drawn = view == "chart" and query.interval is not Interval.NONE
    if is_drawn:
        found = [group for group in found if group not in spare] or found
    is_countable = query.metric == "count" and trend.whole["incidents"] < MIN_INCIDENTS
    filled = [place for place in range(shown) if any(group.rows[place]["value"] for group in found)]
    seen = filled if is_drawn and is_countable else range(shown)
    return {
        "groups": found,
        "spare": spare if is_drawn and spare != found else [],
        "hidden_buckets": length - shown,
        "shown_buckets": shown,
        "has_partial": query.interval != Interval.NONE
        and any(group.rows[place]["partial"] for group in found for place in seen),
        "has_few": query.metric != "count" and any(row["warning"] for group in found for row in group.rows),
        "drawings": _drawings(query, found, links) if view == "chart" else [],
        "is_countable": is_countable,
        "filled": filled,
        "most": scale_of([group.total for group in found if group not in spare]),
    }


def _series_of(row: Row) -> tuple[Any, ...]:
    """Return the key of the series that a row of a report belongs to."""
    return row["group"], row["group_2"], row["unit"], row["alleged"]


def _groups(trend: Trend, series: Mapping[tuple[Any, ...], list[Row]], shown: slice) -> list[Group]:
    """Return a group for each series of a report, with the values of the buckets in `shown`."""
    totals = {_series_of(row): row for row in trend.totals}
    return [
        Group(
            group_label(rows[0]),
            totals.get(key, rows[0]),
            rows[shown],
            change_between_halves(rows, trend.report.query.interval) if _has_halves(trend) else None,
        )
        for key, rows in series.items()
    ]


def _known_span(series: Sequence[Sequence[Row]]) -> tuple[int, int]:
    """Return the index of the first bucket with a value in any series, and the one after the last: outside
    them, all values are unknown. Counts are always known."""
    known = [place for rows in series for place, row in enumerate(rows) if row["value"] is not None]
    return (min(known), max(known) + 1) if known else (0, max(map(len, series), default=0))


def _drawings(query: TrendsQuery, groups: Sequence[Group], links: IncidentLinks) -> list[Drawing]:
    """Return a drawing for each group, all on one scale; none if all years are combined."""
    if query.interval is Interval.NONE:
        return []
    scale = scale_of([row for group in groups for row in group.rows])
    frame = SMALL if query.dimensions else LARGE
    return [
        draw(
            group.rows,
            metric=query.metric,
            interval=query.interval,
            scale=scale,
            frame=frame,
            address=links,
        )
        for group in groups
    ]


def _data_urls(parameters: Pairs) -> dict[str, str]:
    """Return the URLs of the same figures: the visitor's table, and those of the API."""
    url = api_url("/trends", TrendsQuerySchema(), [*parameters, *unsaid().items()])
    return {"csv": f"{url_for('pages.trends_csv', lang=None)}?{url.partition('?')[2]}", "json": url}
