"""The figures of a trend as a table, for spreadsheets: those that its page shows to the same visitor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request

from kb.domain.dates import iso
from kb.domain.metrics import METRICS
from kb.domain.periods import Interval
from kb.models.base import utc_now
from kb.pages.chips import DIMENSIONS
from kb.pages.csv_files import csv_stream
from kb.pages.formats import partial_date
from kb.pages.language import text_languages
from kb.pages.messages import _
from kb.pages.trends.trends import IncidentLinks, trends_query
from kb.pages.words.trend_words import METRIC_NAMES, bucket_text, severity_label
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
    """Send a report with a row for each value, in the wording of the page, and the URL of its incidents.

    It may have 20,000 rows, which are formatted while they are sent.
    """
    query = trends_query()
    with open_snapshot(query.dimensions) as snapshot:
        report = build_report(current_actor(), query, text_languages(), snapshot, as_of=utc_now())
    columns, cells = _columns(query), _Cells(report)
    return csv_stream(
        "trends.csv", (dict(zip(columns, cells.of(row), strict=True)) for row in report.rows), columns
    )


def _columns(query: TrendsQuery) -> list[str]:
    """Return the headings: the dimensions of the rows, the metric with its unit, and its basis."""
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


class _Cells:
    """Builds the cells of a report's rows. Rows share most labels, each of which is looked up once."""

    def __init__(self, report: TrendsReport) -> None:
        query = self._query = report.query
        self._has_unit, self._is_count = METRICS[query.metric].unit is None, query.metric == "count"
        self._alleged = {True: _("alleged"), False: _("established"), None: ""}
        counted = report.counted
        self._not_whole = (
            ""
            if query.interval is Interval.NONE
            else _(
                "incomplete: figures from %(first)s to %(last)s",
                first=partial_date(iso(counted.first)),
                last=partial_date(iso(counted.last)),
            )
        )
        self._few = "" if self._is_count else _("fewer than five incidents")
        self._links, self._host = IncidentLinks(), request.host_url.rstrip("/")
        self._buckets: dict[str, str] = {}

    def of(self, row: dict[str, Any]) -> list[Any]:
        """Return the cells of a row, in the order of the columns."""
        value, address = row["value"], self._links(row)
        return [
            self._bucket(row),
            *(_group(row, name, place) for place, name in enumerate(self._query.dimensions)),
            round(value) if value is not None and value == round(value) else value,
            *([row["unit"] or "", self._alleged[row["alleged"]]] if self._has_unit else []),
            *([] if self._is_count else [row["incidents"]]),
            self._remarks(row),
            "" if address is None else self._host + address,
        ]

    def _bucket(self, row: dict[str, Any]) -> str:
        if (text := self._buckets.get(row["bucket"])) is None:
            text = self._buckets[row["bucket"]] = bucket_text(row, self._query.interval)
        return text

    def _remarks(self, row: dict[str, Any]) -> str:
        """Return the caveats for comparing a value with others."""
        remarks = (self._not_whole if row["partial"] else "", self._few if row["warning"] else "")
        return "; ".join(filter(None, remarks))


def _group(row: dict[str, Any], dimension: str, place: int) -> str:
    """Return the label of a row's group in its first or second dimension."""
    if dimension == "severity" and place == 0:
        return severity_label(row)
    return str(row["group_2_label" if place else "group_label"])
