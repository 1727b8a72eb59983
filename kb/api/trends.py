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
from kb.services.trends import report as service
from kb.web.current_actor import current_actor
from kb.web.languages import reader_languages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.services.trends.aggregation import Question

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
    asked = service.question(query)
    as_csv = requests_format(query, "csv", CSV_TYPE)
    languages = reader_languages(query)
    tag = _etag(asked, languages, as_csv=as_csv)
    if request.if_none_match.contains(tag):
        response = Response(status=304)
    else:
        found = service.trends(current_actor(), asked, languages)
        if as_csv:
            response = csv_response(found["rows"], list(TrendRowSchema().fields))
        else:
            response = Response(orjson.dumps(found) + b"\n", mimetype="application/json")
        response.headers["Undated-Incidents"] = str(found["undated"])
    response.set_etag(tag)
    return response


def _etag(asked: Question, languages: list[str], *, as_csv: bool) -> str:
    """What changes with any incident, the taxonomy, the day, and what was asked by whom."""
    actor = current_actor()
    state = service.state(asked)
    seen = sorted(audiences_for(actor) or [actor.role.key])
    parts = (state, request.query_string, languages, as_csv, seen)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
