"""The figures of a trend as a table, for spreadsheets: those that its page shows to the same visitor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request

from kb.models.base import utc_now
from kb.pages.csv_files import csv_file
from kb.pages.language import text_languages
from kb.pages.parameters import load_query
from kb.pages.trends import incidents_address
from kb.schemas.trends import TREND_COLUMNS, TrendsQuerySchema
from kb.services.trends.query import parse_query
from kb.services.trends.report import build_report
from kb.services.trends.snapshot import open_snapshot
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from flask import Blueprint, Response


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/trends.csv", view_func=trends_csv)


@with_permission_check
def trends_csv() -> Response:
    """Send a report with a row for each value, and the address of the page that lists its incidents."""
    query = parse_query(load_query(TrendsQuerySchema()))
    with open_snapshot(query.dimensions) as snapshot:
        report = build_report(current_actor(), query, text_languages(), snapshot, as_of=utc_now())
    table = [{**row, "url": _url(row)} for row in report.rows]
    return csv_file("trends.csv", table, TREND_COLUMNS)


def _url(row: dict[str, Any]) -> str | None:
    address = incidents_address(row)
    return None if address is None else request.host_url.rstrip("/") + address
