"""Endpoints for checks of drafts, their receipts, and reactions to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from flask import Response, request

from kb.api.csv_responses import csv_response
from kb.api.idempotent import idempotent
from kb.api.negotiation import CSV, offers, requests_format
from kb.api.responses import (
    INDEX_HEADERS,
    LINK_HEADER,
    LOCATION_HEADER,
    WRITE_HEADERS,
    created_incident_response,
    page_response,
)
from kb.api.smorest import Blueprint
from kb.config import API_ROOT
from kb.domain.guard import Verdict
from kb.models.base import utc_now
from kb.schemas.check_counts import CheckCountQuerySchema, CheckCountsSchema
from kb.schemas.check_input import CheckInputSchema
from kb.schemas.checks import CheckResultSchema
from kb.schemas.filters import LanguageQuerySchema
from kb.schemas.guard_offers import HarmlessInputSchema, OfferSchema
from kb.schemas.incident import IncidentSchema
from kb.schemas.links import incident_url
from kb.schemas.receipts import (
    CheckListSchema,
    CheckQuerySchema,
    CheckSchema,
    NearMissInputSchema,
    OverrideInputSchema,
    OverrideSchema,
    RerunInputSchema,
    RerunSchema,
)
from kb.services.check.checking import check_draft
from kb.services.check.draft_input import to_request
from kb.services.check.notices import unstored_note
from kb.services.check.receipts import counts, feedback, near_miss, overrides, rerun, store
from kb.services.incidents.read import log_export
from kb.services.taxonomy.listing import term_names
from kb.web.current_actor import current_actor, current_day
from kb.web.languages import reader_languages
from kb.web.recorded_checks import recorded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kb.domain.check import CheckRequest

blueprint = Blueprint(
    "checks",
    __name__,
    url_prefix=API_ROOT,
    description="Checks of drafts before they are published, and their receipts.",
)

_CHECK = "/checks/<int:check_id>"


@blueprint.route("/checks", methods=["GET"])
@blueprint.arguments(CheckQuerySchema, location="query")
@blueprint.alt_response(404, response="NotFound")
@blueprint.response(200, CheckListSchema, headers=LINK_HEADER)
@offers(CSV)
def list_checks(query: Mapping[str, Any]) -> Any:
    """List your checks and those of your teams. The newest come first."""
    page = store.list_checks(
        current_actor(), _check_filter(query), limit=query["limit"], cursor=query.get("cursor")
    )
    body, headers = page_response(page)
    return (_checks_csv(page.items, query) if requests_format(query, CSV) else body), headers


def _checks_csv(items: Iterable[Mapping[str, Any]], query: Mapping[str, Any]) -> Response:
    """A page of checks as CSV, on request with the labels of terms. The audit log records the export."""
    actor = current_actor()
    rows = [{**item, **item["finding_counts"], "url": f"{API_ROOT}/checks/{item['id']}"} for item in items]
    log_export(actor, request.full_path, len(rows))
    if query["labels"]:
        names = term_names(actor, ("platform",), reader_languages(query))["platform"]
        rows = [{**row, "platform": names.get(row["platform"], row["platform"])} for row in rows]
    return csv_response(rows, query)


@blueprint.route("/checks", methods=["POST"])
@blueprint.arguments(CheckInputSchema)
@blueprint.arguments(LanguageQuerySchema, location="query")
@blueprint.response(200, CheckResultSchema, headers=INDEX_HEADERS)
@idempotent(blueprint, lambda result: (_encoded(result), 200, {}), store.with_visible_playbook)
def create_check(data: Mapping[str, Any], query: Mapping[str, Any]) -> Any:
    """Check a draft.

    Returns what guards find in it, which incidents it resembles, and how those were handled. The verdict
    comes from guards alone: a precedent is not a finding. A signed-in caller's check is stored as a receipt;
    otherwise, nothing is stored. While nothing can be stored, `id` is null and a note says so, unless the
    request has an `Idempotency-Key`. Offsets count code points of the text as sent.
    """
    actor, check_request = current_actor(), to_request(data)
    languages = reader_languages(query)
    if data.get("team") is not None:
        store.check_team_id(actor, data["team"])
    result = check_draft(actor, check_request, languages, today=current_day(), now=utc_now())
    result, is_unstored = recorded(check_request, result, data.get("team"))
    if is_unstored:
        result["notes"] = [*result["notes"], unstored_note(languages)]
    return result


def _encoded(result: Mapping[str, Any]) -> Response:
    """Encode a result as JSON. `CheckResultSchema` would take longer than the check."""
    body = {**result, **{name: with_urls(result[name]) for name in ("findings", "precedents")}}
    return Response(orjson.dumps(body), mimetype="application/json")


def with_urls(items: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Add the URLs of their incidents to findings or precedents."""
    return [{**item, "incident": _with_url(item["incident"])} for item in items]


def _with_url(incident: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if incident is None else {**incident, "url": incident_url(incident["id"])}


def _check_filter(query: Mapping[str, Any]) -> store.CheckFilter:
    return store.CheckFilter(
        verdicts=[Verdict(value) for value in query.get("verdict", ())],
        **{name: query.get(name) for name in ("team", "platform", "account", "since", "until")},
    )


@blueprint.route("/checks/trends", methods=["GET"])
@blueprint.arguments(CheckCountQuerySchema, location="query")
@blueprint.alt_response(404, response="NotFound")
@blueprint.response(200, CheckCountsSchema)
def get_check_counts(query: Mapping[str, Any]) -> Any:
    """Count checks by period. Verdicts, overrides and near misses of the checks that you may see."""
    return counts.count_checks(current_actor(), counts.CountQuery.of(query))


@blueprint.route(_CHECK, methods=["GET"])
@blueprint.arguments(LanguageQuerySchema, location="query")
@blueprint.response(200, CheckSchema)
def get_check(query: Mapping[str, Any], check_id: int) -> Any:
    """Show the receipt of a check. For its author, members of its team, and site administrators."""
    return store.get_check(current_actor(), check_id, reader_languages(query))


@blueprint.route(f"{_CHECK}/override", methods=["POST"])
@blueprint.arguments(OverrideInputSchema)
@blueprint.response(201, OverrideSchema)
@idempotent(blueprint, lambda override: (override, 201, {}))
def override_check(data: Mapping[str, Any], check_id: int) -> Any:
    """Go ahead despite a check's findings.

    Recorded with your name and your reason, in the audit log as well. For the author of the check and
    contributors of its team.
    """
    return overrides.override_check(current_actor(), check_id, data["reason"])


def _rerun_response(difference: Mapping[str, Any]) -> Any:
    """201 with a difference, and the location of the new receipt."""
    return difference, 201, {"Location": f"{API_ROOT}/checks/{difference['id']}"}


@blueprint.route(f"{_CHECK}/rerun", methods=["POST"])
@blueprint.arguments(RerunInputSchema)
@blueprint.arguments(LanguageQuerySchema, location="query")
@blueprint.response(201, RerunSchema, headers={**LOCATION_HEADER, **INDEX_HEADERS})
@idempotent(blueprint, _rerun_response)
def rerun_check(data: Mapping[str, Any], query: Mapping[str, Any], check_id: int) -> Any:
    """Check a draft again, and show the difference.

    Uses the current guards and incidents. The text is the one stored in the receipt, or must be sent again.
    The rerun has its own receipt.
    """
    actor, languages = current_actor(), reader_languages(query)
    today = current_day()

    def check(request: CheckRequest) -> Mapping[str, Any]:
        return check_draft(actor, request, languages, today=today)

    return rerun.rerun_check(actor, check_id, data, languages, check)


@blueprint.route(f"{_CHECK}/near-miss", methods=["POST"])
@blueprint.arguments(NearMissInputSchema)
@blueprint.response(201, IncidentSchema, headers={**WRITE_HEADERS, **LOCATION_HEADER})
@idempotent(blueprint, created_incident_response)
def create_near_miss(data: Mapping[str, Any], check_id: int) -> Any:
    """File what a check caught as a near miss. It becomes a draft with the facts of the check."""
    return near_miss.file_near_miss(current_actor(), check_id, data)


@blueprint.route(f"{_CHECK}/findings/<int:number>/not-a-problem", methods=["POST"])
@blueprint.arguments(HarmlessInputSchema)
@blueprint.response(201, OfferSchema)
@idempotent(blueprint, lambda offer: (offer, 201, {}))
def call_harmless(data: Mapping[str, Any], check_id: int, number: int) -> Any:
    """Report a finding as harmless.

    The draft is offered to the guard's owner as a harmless example. Needs the text if it is not stored in the
    receipt. For the author of the check and contributors of its team.
    """
    return feedback.call_harmless(current_actor(), check_id, number, data)
