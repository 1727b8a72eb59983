"""The endpoint of the change feed: changes as JSON for programs, incidents as Atom for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, request

from kb.api.atom_feed import ATOM_TYPE, FeedRequest, atom_response
from kb.api.negotiation import requests_format
from kb.api.smorest import Blueprint
from kb.config import API_ROOT
from kb.domain.incident import Status
from kb.errors import FieldError, InvalidInput
from kb.schemas.changes import DEFAULT_CHANGES, DEFAULT_ENTRIES, ChangeListSchema, ChangesQuerySchema
from kb.schemas.pagination import MAX_LIMIT
from kb.services.core import change_feed
from kb.services.core.installation import installation
from kb.services.incidents.recent import recent_incidents
from kb.services.taxonomy.query_filters import incident_filter
from kb.web.current_actor import current_actor
from kb.web.languages import reader_languages

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint("changes", __name__, url_prefix=API_ROOT, description="The change feed.")

_SHARED = frozenset({"format", "limit"})
"""Parameters that JSON and Atom both take."""


@blueprint.route("/changes", methods=["GET"])
@blueprint.arguments(ChangesQuerySchema, location="query")
@blueprint.response(200, ChangeListSchema)
@blueprint.alt_response(
    200,
    schema={"type": "string"},
    content_type=ATOM_TYPE,
    headers={"ETag": {"schema": {"type": "string"}, "description": "Of Atom: changes with its content."}},
    description="OK",
    success=True,
)
@blueprint.alt_response(
    304, description="Atom: not modified since the ETag in `If-None-Match`.", success=True
)
def list_changes(query: Mapping[str, Any]) -> Any:
    """List the changes after `since`, in commit order. No change is ever skipped.

    As Atom: the incidents that match the filters, the last one changed first, for feed readers.
    """
    if requests_format(query, "atom", ATOM_TYPE):
        _refuse({"since"}, "Only for JSON. The Atom feed has a link `next` to older entries.")
        return _atom_feed(query)
    _refuse(request.args.keys() - _SHARED - {"since"}, "Only for the Atom feed: add format=atom.")
    return change_feed.list_changes(current_actor(), query["since"] or 0, query["limit"] or DEFAULT_CHANGES)


def _atom_feed(query: Mapping[str, Any]) -> Response:
    languages, cursor = reader_languages(query), query.get("cursor")
    page = recent_incidents(
        current_actor(),
        incident_filter({**query, "status": query.get("status") or [Status.PUBLISHED]}),
        languages,
        limit=min(query["limit"] or DEFAULT_ENTRIES, MAX_LIMIT),
        cursor=cursor,
    )
    sent = request.args.items(multi=True)
    filters = tuple((name, value) for name, value in sent if name not in _SHARED | {"cursor"})
    return atom_response(FeedRequest(filters, query["limit"], languages), page, cursor, installation())


def _refuse(names: set[str], detail: str) -> None:
    """Raise InvalidInput if the request has any of these parameters."""
    if errors := [FieldError(name, detail) for name in sorted(names & request.args.keys())]:
        raise InvalidInput(errors)
