"""The trends endpoint."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import orjson
from flask import Response, request

from kb.api.csv_responses import csv_response
from kb.api.negotiation import CSV, offers, requests_format
from kb.api.smorest import Blueprint
from kb.caches import LruCache
from kb.config import API_ROOT
from kb.domain.permissions import audiences_for
from kb.models.base import utc_now
from kb.pauses import Pauses
from kb.schemas.trends import TrendsQuerySchema, TrendsSchema
from kb.services.trends.query import parse_query
from kb.services.trends.report import build_report
from kb.services.trends.snapshot import open_snapshot
from kb.web.current_actor import current_actor
from kb.web.languages import reader_languages
from kb.web.trends import encode_report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.pauses import Pause
    from kb.services.trends.query import TrendsQuery
    from kb.services.trends.report import TrendsReport

blueprint = Blueprint("trends", __name__, url_prefix=API_ROOT, description="What goes wrong, and how often.")

_etags: LruCache[str] = LruCache(500_000)
"""The ETags of some 1,500 reports, by the state of the database and the query."""

_HEADERS = {
    "ETag": {"schema": {"type": "string"}, "description": "Changes with what you may see, and with the day."},
    "Undated-Incidents": {"schema": {"type": "integer"}, "description": "As `undated`, for CSV."},
}


@blueprint.route("/trends", methods=["GET"])
@blueprint.arguments(TrendsQuerySchema, location="query")
@blueprint.response(200, TrendsSchema, headers=_HEADERS)
@offers(CSV)
def get_trends(query: Mapping[str, Any]) -> Any:
    """Count or measure incidents by time and by group. Only published incidents unless `status` is set."""
    table = query if requests_format(query, CSV) else None
    return _conditional_report(parse_query(query), reader_languages(query), table)


def _conditional_report(
    query: TrendsQuery, languages: list[str], table: Mapping[str, Any] | None
) -> tuple[Response, dict[str, str]]:
    """The report and its ETag, or 304 if `If-None-Match` contains that ETag.

    It is CSV if there are parameters of a `table`. The ETag is a digest of the content, so that writes which
    the caller may not see do not change it. It is cached, so that an unchanged report is not computed again.
    """
    pause = Pauses()
    with open_snapshot(query.dimensions) as snapshot:
        as_of = utc_now()
        today = as_of.astimezone(query.zone).date()
        form = table and (table["columns"], table["raw"], request.host_url)
        parts = (today, query, languages, form)
        state = _digest((snapshot.version, _audiences(), *parts))
        etag = _etags.get(state)
        if etag is not None and request.if_none_match.contains_weak(etag):
            return Response(status=304), {"ETag": f'"{etag}"'}
        report = build_report(current_actor(), query, languages, snapshot, as_of=as_of)
    pause()
    response = _response(report, table, pause)
    pause()
    if etag is None:
        etag = _digest((*parts, report.seq, report.taxonomy, report.undated, report.rows))
        _etags.put(state, etag, len(etag))
    return response, {"ETag": f'"{etag}"'}


def _audiences() -> list[str]:
    """The audiences of the caller, which decide which incidents are counted."""
    actor = current_actor()
    return sorted(audiences_for(actor) or [actor.role.key])


def _digest(content: object) -> str:
    return hashlib.sha256(repr(content).encode()).hexdigest()[:32]


def _response(report: TrendsReport, table: Mapping[str, Any] | None, pause: Pause) -> Response:
    """Return a report as JSON or CSV. It is serialized directly, because the schema is slow with thousands of
    rows.
    """
    body = encode_report(report)
    pause()
    if table is not None:
        response = csv_response(body["rows"], table)
    else:
        response = Response(orjson.dumps(body) + b"\n", mimetype="application/json")
    response.headers["Undated-Incidents"] = str(report.undated)
    return response
