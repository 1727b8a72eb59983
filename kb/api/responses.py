"""Response tuples (body, status, headers) shared by several views, and their headers in OpenAPI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import request

from kb.api.etags import incident_etag, version_etag
from kb.config import API_ROOT
from kb.schemas.links import incident_url
from kb.services.core.write_result import WriteResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
LINK_HEADER = {
    "Link": {
        "schema": {"type": "string"},
        "description": 'The next page, with `rel="next"`; absent on the last page.',
    }
}
LOCATION_HEADER = {"Location": {"schema": {"type": "string"}, "description": "Path of the resource."}}


def created_incident_response(result: WriteResult | dict[str, Any]) -> Any:
    """201 with the incident that was created, and its location."""
    outcome = _as_write_result(result)
    return outcome.incident, 201, {**write_result_headers(outcome), **_location_header(outcome)}


def updated_incident_response(result: WriteResult | dict[str, Any]) -> Any:
    """200 with the incident that was changed."""
    outcome = _as_write_result(result)
    return outcome.incident, 200, write_result_headers(outcome)


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
    """The headers of a response that carries an incident just written."""
    headers = {"ETag": incident_etag(result.incident), "Content-Language": result.incident["language"]}
    if result.searchable is not None:
        headers["Index-Status"] = "current" if result.searchable else "pending"
    return headers


def _next_link_header(cursor: str | None) -> dict[str, str]:
    if cursor is None:
        return {}
    query = [(key, value) for key, value in request.args.items(multi=True) if key != "cursor"]
    return {"Link": f'<{request.path}?{urlencode([*query, ("cursor", cursor)])}>; rel="next"'}


def _as_write_result(result: WriteResult | dict[str, Any]) -> WriteResult:
    # A replayed response is an incident alone. Whether search finds it by now is not known.
    return result if isinstance(result, WriteResult) else WriteResult(result, created=True, searchable=None)


def _location_header(result: WriteResult) -> dict[str, str]:
    return {"Location": incident_url(result.incident["id"])}
