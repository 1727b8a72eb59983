"""Response tuples (body, status, headers) shared by several views, and their headers in OpenAPI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import jsonify, request

from kb.api.etags import incident_etag, proposal_etag, version_etag
from kb.api.problems import error_entries
from kb.config import API_ROOT
from kb.schemas.dry_run import DryRunSchema
from kb.schemas.links import incident_url
from kb.schemas.proposals import ProposalSchema
from kb.services.core.write_result import WriteResult
from kb.translation import translated_details
from kb.web.languages import message_language
from kb.web.parameters import named_parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Response

    from kb.api.smorest import Blueprint
    from kb.services.infrastructure.pagination import Page

ETAG_HEADER = {
    "ETag": {"schema": {"type": "string"}, "description": "Send it as `If-Match` to change this resource."}
}
INCIDENT_HEADERS = {
    **ETAG_HEADER,
    "Content-Language": {"schema": {"type": "string"}, "description": "Language of the texts."},
}
WRITE_HEADERS = {
    **INCIDENT_HEADERS,
    "Index-Status": {
        "schema": {"type": "string", "enum": ["current", "pending"]},
        "description": "`current`: search already finds this version. `pending`: it will shortly.",
    },
}
INDEX_HEADERS = {
    "Index-Status": {
        "schema": {"type": "string", "enum": ["current", "pending"]},
        "description": (
            "`current`: found with all changes that you may see. `pending`: the latest are not in it yet."
        ),
    }
}
LINK_HEADER = {
    "Link": {
        "schema": {"type": "string"},
        "description": 'The next page, with `rel="next"`; absent on the last page.',
    }
}
LOCATION_HEADER = {"Location": {"schema": {"type": "string"}, "description": "Path of the resource."}}

_PROPOSAL_SCHEMA = ProposalSchema()
_DRY_RUN_SCHEMA = DryRunSchema()


def created_incident_response(result: WriteResult | dict[str, Any]) -> Any:
    """201 with the incident that was created, and its location."""
    outcome = _as_write_result(result)
    return outcome.incident, 201, {**write_result_headers(outcome), **_location_header(outcome)}


def dry_run_response(outcome: Mapping[str, Any]) -> Response:
    """200 with the outcome of a dry run, its errors in the language of the request."""
    errors = [*error_entries(outcome["errors"], message_language())]
    # The view's own schema is that of an incident.
    return jsonify(_DRY_RUN_SCHEMA.dump({**outcome, "errors": errors}))


def proposed_instead(blueprint: Blueprint) -> Callable[[Any], Any]:
    """Document that a view may answer 202 with a proposal, instead of changing a published incident."""
    decorator: Callable[[Any], Any] = blueprint.alt_response(
        202,
        schema=ProposalSchema,
        headers={**ETAG_HEADER, **LOCATION_HEADER},
        description="The change waits for a review, as a proposal. The published incident is as it was.",
        success=True,
    )
    return decorator


def updated_incident_response(result: WriteResult | dict[str, Any]) -> Any:
    """200 with the incident that was changed, or 202 with the proposal that the change became."""
    outcome = _as_write_result(result)
    if outcome.proposal is not None:
        location = f"{API_ROOT}/proposals/{outcome.proposal['id']}"
        headers = {"ETag": proposal_etag(outcome.proposal), "Location": location}
        # The view's own schema is that of an incident.
        return jsonify(_PROPOSAL_SCHEMA.dump(_translated_proposal(outcome.proposal))), 202, headers
    return outcome.incident, 200, write_result_headers(outcome)


def proposal_response(proposal: Mapping[str, Any]) -> Any:
    """200 with a proposal and its ETag."""
    return _translated_proposal(proposal), 200, {"ETag": proposal_etag(proposal)}


def _translated_proposal(proposal: Mapping[str, Any]) -> dict[str, Any]:
    """A proposal with its conflicts, obstacles and concerns in the language of the request."""
    language = message_language()
    names = ("conflicts", "obstacles", "concerns")
    return {**proposal, **{name: translated_details(proposal[name], language) for name in names}}


def proposal_step_response(result: WriteResult | dict[str, Any]) -> Any:
    """200 with a proposal after a step."""
    outcome = _as_write_result(result)
    assert outcome.proposal is not None
    proposal, status, headers = proposal_response(outcome.proposal)
    return proposal, status, {**write_result_headers(outcome), **headers}


def merged_incident_response(result: WriteResult | dict[str, Any]) -> Any:
    """200 with the incident that remains after a merge, and its location."""
    outcome = _as_write_result(result)
    return outcome.incident, 200, {**write_result_headers(outcome), **_location_header(outcome)}


def versioned_response(resource: Mapping[str, Any]) -> Any:
    """200 with a resource that has a version, and its ETag."""
    return resource, 200, version_etag(resource)


def created_responder(path: Callable[[Mapping[str, Any]], str]) -> Callable[[Mapping[str, Any]], Any]:
    """Return a function that answers 201 with a new versioned resource, its ETag and its location.

    `path` returns the path of a resource below the API's root.
    """

    def respond(resource: Mapping[str, Any]) -> Any:
        return resource, 201, {**version_etag(resource), "Location": f"{API_ROOT}{path(resource)}"}

    return respond


def page_response(page: Page) -> Any:
    """A page of a list, with a link to the next page."""
    return page._asdict(), _next_link_header(page.next)


def write_result_headers(result: WriteResult) -> dict[str, str]:
    """The headers of a response with an incident that was just written."""
    headers = {"ETag": incident_etag(result.incident), "Content-Language": result.incident["language"]}
    if result.searchable is not None:
        headers["Index-Status"] = "current" if result.searchable else "pending"
    return headers


def _next_link_header(cursor: str | None) -> dict[str, str]:
    if cursor is None:
        return {}
    query = [(name, value) for name, value in named_parameters(request) if name != "cursor"]
    return {"Link": f'<{request.path}?{urlencode([*query, ("cursor", cursor)])}>; rel="next"'}


def _as_write_result(result: WriteResult | dict[str, Any]) -> WriteResult:
    if isinstance(result, WriteResult):
        return result
    # A replayed response is an incident or a proposal alone. Whether search finds it by now is not known.
    if "content" in result:
        return WriteResult(result["content"], created=False, searchable=None, proposal=result)
    return WriteResult(result, created=True, searchable=None)


def _location_header(result: WriteResult) -> dict[str, str]:
    return {"Location": incident_url(result.incident["id"])}
