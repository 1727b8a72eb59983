"""The endpoint of dashboards."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import orjson
from flask import Response, request

from kb.api.csv_responses import CSV_TYPE, csv_response
from kb.api.negotiation import requests_format
from kb.api.spec import Blueprint
from kb.config import API_ROOT
from kb.domain.permissions import audiences_for
from kb.schemas.trends import TrendRowSchema, TrendsQuerySchema, TrendsSchema
from kb.services.trends.query import parse_query
from kb.services.trends.report import build_report, today_in
from kb.services.trends.snapshot import open_snapshot
from kb.web.current_actor import current_actor
from kb.web.languages import reader_languages
from kb.web.trends import encode_report

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from kb.services.trends.report import TrendsReport
    from kb.services.trends.snapshot import Snapshot

blueprint = Blueprint("trends", __name__, url_prefix=API_ROOT, description="What goes wrong, and how often.")

_HEADERS = {
    "ETag": {"schema": {"type": "string"}, "description": "Changes with any incident, and with the day."},
    "Undated-Incidents": {"schema": {"type": "integer"}, "description": "As `undated`, for CSV."},
}


@blueprint.route("/trends", methods=["GET"])
@blueprint.arguments(TrendsQuerySchema, location="query")
@blueprint.response(200, TrendsSchema, headers=_HEADERS)
@blueprint.alt_response(200, schema={"type": "string"}, content_type=CSV_TYPE, description="OK", success=True)
@blueprint.alt_response(304, description="It is still as the given ETag says.", success=True)
def get_trends(query: Mapping[str, Any]) -> Any:
    """Count or measure incidents by time and by group. What is published, unless `status` says otherwise."""
    trends_query, languages = parse_query(query), reader_languages(query)
    as_csv = requests_format(query, "csv", CSV_TYPE)
    with open_snapshot(trends_query.dimensions) as snapshot:
        etag = _etag(snapshot, today_in(trends_query.zone), languages, as_csv=as_csv)
        if request.if_none_match.contains(etag):  # the counting is what takes time
            return Response(status=304), {"ETag": f'"{etag}"'}
        report = build_report(current_actor(), trends_query, languages, snapshot)
    return _response(report, as_csv=as_csv), {"ETag": f'"{etag}"'}


def _etag(snapshot: Snapshot, today: date, languages: list[str], *, as_csv: bool) -> str:
    """Changes with any incident, the taxonomy, the teams and the day; differs by query and by reader."""
    actor = current_actor()
    audiences = sorted(audiences_for(actor) or [actor.role.key])
    parts = (snapshot.version, today, request.query_string, languages, as_csv, audiences)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def _response(report: TrendsReport, *, as_csv: bool) -> Response:
    """A report as JSON or CSV; not through the schema, which is slow with thousands of rows."""
    body = encode_report(report)
    if as_csv:
        response = csv_response(body["rows"], list(TrendRowSchema().fields))
    else:
        response = Response(orjson.dumps(body) + b"\n", mimetype="application/json")
    response.headers["Undated-Incidents"] = str(report.undated)
    return response
