"""The endpoint of dashboards."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import orjson
from flask import Response, request

from kb.api.requests import current_actor, wanted_languages, wants
from kb.api.spec import Blueprint
from kb.api.tables import CSV_TYPE, csv_response
from kb.config import API_ROOT
from kb.domain.permissions import audiences_for
from kb.schemas.trends import TrendRowSchema, TrendsQuerySchema, TrendsSchema
from kb.services.trends import report as service
from kb.services.trends.snapshot import open_snapshot
from kb.web.trends import add_urls

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.services.trends.aggregation import Question
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
    question, languages = service.question(query), wanted_languages(query)
    as_csv = wants(query, "csv", CSV_TYPE)
    with open_snapshot(question.group_by) as snapshot:
        etag = _etag(snapshot, question, languages, as_csv=as_csv)
        if request.if_none_match.contains(etag):
            return Response(status=304), {"ETag": f'"{etag}"'}
        report = service.trends(current_actor(), question, languages, snapshot)
    headers = {"ETag": f'"{etag}"', "Undated-Incidents": str(report["undated"])}
    return _csv(report) if as_csv else _json(report), headers


def _etag(snapshot: Snapshot, question: Question, languages: list[str], *, as_csv: bool) -> str:
    """What changes with any incident, the taxonomy, the day, and what was asked by whom."""
    actor = current_actor()
    audiences = sorted(audiences_for(actor) or [actor.role.key])
    today = service.today_in(question.zone)
    parts = (snapshot.version, today, request.query_string, languages, as_csv, audiences)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def _json(report: dict[str, Any]) -> Response:
    # Not through the schema, which would take ten times as long for thousands of rows.
    add_urls(report["rows"])
    return Response(orjson.dumps(report) + b"\n", mimetype="application/json")


def _csv(report: dict[str, Any]) -> Response:
    add_urls(report["rows"])
    return csv_response(report["rows"], list(TrendRowSchema().fields))
