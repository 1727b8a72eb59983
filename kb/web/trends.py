"""A trends report as the API and `kb trends` return it: JSON-ready, with links."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from kb.domain.dates import iso
from kb.schemas.links import incidents_url

if TYPE_CHECKING:
    from kb.services.trends.report import TrendsReport


def encode_report(report: TrendsReport) -> dict[str, Any]:
    """Return the report as `TrendsSchema` expects it. Completes its rows in place, without copying them."""
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
    """Replace the `drill_down` of each row with the `url` that lists its incidents.

    There may be 20,000 rows, so shared parameters are encoded only once.
    """
    encode = cache(urlencode)
    for row in rows:
        drill_down = row.pop("drill_down")
        row["url"] = None if drill_down is None else incidents_url(*drill_down, encode=encode)
