"""A report of trends as the API and `kb trends` give it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from kb.domain.dates import iso
from kb.web.links import incidents_url

if TYPE_CHECKING:
    from kb.services.trends.report import TrendsReport


def encode_report(report: TrendsReport) -> dict[str, Any]:
    """What `TrendsSchema` describes. The rows of the report are not copied, but completed in place."""
    _add_urls(report.rows)
    return {
        "metric": report.query.metric,
        "interval": report.query.interval,
        "timezone": report.query.zone.key,
        "from": iso(report.period.first),
        "to": iso(report.period.last),
        "as_of": iso(report.as_of),
        "seq": report.seq,
        "taxonomy": report.taxonomy,
        "rows": report.rows,
        "undated": report.undated,
    }


def _add_urls(rows: list[dict[str, Any]]) -> None:
    """Replace the `drill_down` of each row by the `url` that lists its incidents.

    There may be 20,000 rows: what they share is encoded once.
    """
    encode = cache(urlencode)
    for row in rows:
        drill_down = row.pop("drill_down")
        row["url"] = None if drill_down is None else incidents_url(*drill_down, encode=encode)
