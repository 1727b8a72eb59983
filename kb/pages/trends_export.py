"""The figures of a trend as a table, for spreadsheets: those that its page shows to the same visitor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request

from kb.domain.dates import iso
from kb.domain.metrics import METRICS
from kb.domain.periods import Interval
from kb.models.base import utc_now
from kb.pages.chips import DIMENSIONS
from kb.pages.csv_files import csv_file
from kb.pages.formats import partial_date
from kb.pages.language import text_languages
from kb.pages.messages import _
from kb.pages.trend_words import METRIC_NAMES, bucket_text, severity_label
from kb.pages.trends import incidents_address, trends_query
from kb.services.trends.report import build_report
from kb.services.trends.snapshot import open_snapshot
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from flask import Blueprint, Response

    from kb.services.trends.query import TrendsQuery
    from kb.services.trends.report import TrendsReport


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/trends.csv", view_func=trends_csv)


@with_permission_check
def trends_csv() -> Response:
    """Send a report with a row for each value, in the words of the page, and the address of its incidents."""
    query = trends_query()
    with open_snapshot(query.dimensions) as snapshot:
        report = build_report(current_actor(), query, text_languages(), snapshot, as_of=utc_now())
    columns = _columns(query)
    table = [dict(zip(columns, _cells(row, report), strict=True)) for row in report.rows]
    return csv_file("trends.csv", table, columns)


def _columns(query: TrendsQuery) -> list[str]:
    """The headings: what the rows are divided by, the metric with its unit, and what it rests on."""
    metric = str(METRIC_NAMES[query.metric])
    unit = METRICS[query.metric].unit
    return [
        _("Period"),
        *(str(DIMENSIONS[name]) for name in query.dimensions),
        _("%(metric)s, in minutes", metric=metric) if unit == "minutes" else metric,
        *([_("Currency"), _("Established or alleged")] if unit is None else []),
        *([] if query.metric == "count" else [_("Incidents that it rests on")]),
        _("Remarks"),
        _("Its incidents"),
    ]


def _cells(row: dict[str, Any], report: TrendsReport) -> list[Any]:
    query = report.query
    labels = [_group(row, name, place) for place, name in enumerate(query.dimensions)]
    alleged = {True: _("alleged"), False: _("established"), None: ""}[row["alleged"]]
    value = row["value"]
    return [
        bucket_text(row, query.interval),
        *labels,
        round(value) if value is not None and value == round(value) else value,
        *([row["unit"] or "", alleged] if METRICS[query.metric].unit is None else []),
        *([] if query.metric == "count" else [row["incidents"]]),
        _remarks(row, report),
        _url(row) or "",
    ]


def _group(row: dict[str, Any], dimension: str, place: int) -> str:
    """The label of the group of a row in its first or second dimension."""
    if dimension == "severity" and place == 0:
        return severity_label(row)
    return str(row["group_2_label" if place else "group_label"])


def _remarks(row: dict[str, Any], report: TrendsReport) -> str:
    """What one has to know to compare a value with others."""
    remarks = []
    if row["partial"] and report.query.interval is not Interval.NONE:
        remarks.append(_("not over: figures up to %(date)s", date=partial_date(iso(report.as_of.date()))))
    if row["warning"] and report.query.metric != "count":
        remarks.append(_("fewer than five incidents"))
    return "; ".join(remarks)


def _url(row: dict[str, Any]) -> str | None:
    address = incidents_address(row)
    return None if address is None else request.host_url.rstrip("/") + address
