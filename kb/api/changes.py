"""The endpoint of the change feed: changes as JSON for programs, incidents as Atom for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, request

from kb.api.atom_feed import FeedRequest, atom_response
from kb.api.negotiation import ATOM, requests_format
from kb.api.responses import ETAG_HEADER
from kb.api.smorest import Blueprint
from kb.config import API_ROOT
from kb.domain.incident import Status
from kb.schemas.changes import DEFAULT_ENTRIES, ChangeListSchema, ChangesQuerySchema, FeedQuerySchema
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

_PAGING = frozenset({"format", "since", "limit", "cursor"})
"""Parameters that do not distinguish one feed from another."""


@blueprint.route("/changes", methods=["GET"])
@blueprint.arguments(ChangesQuerySchema, location="query")
@blueprint.response(200, ChangeListSchema)
def list_changes(query: Mapping[str, Any]) -> Any:
    """List the changes after `since`. They are in commit order, and no change is ever skipped."""
    if requests_format(query, ATOM):
        return _atom_feed({}, query["limit"] if "limit" in request.args else None)
    return change_feed.list_changes(current_actor(), query["since"] or 0, query["limit"])


@blueprint.route("/changes.atom", methods=["GET"])
@blueprint.arguments(FeedQuerySchema, location="query")
@blueprint.response(200, {"type": "string"}, content_type=ATOM.mimetype, headers=ETAG_HEADER)
def list_changes_atom(query: Mapping[str, Any]) -> Any:
    """List new and changed incidents. An Atom feed, most recently changed first, for feed readers."""
    return _atom_feed(query, query["limit"])


def _atom_feed(query: Mapping[str, Any], limit: int | None) -> Response:
    languages, cursor = reader_languages(query), query.get("cursor")
    page = recent_incidents(
        current_actor(),
        incident_filter({**query, "status": query.get("status") or [Status.PUBLISHED]}),
        languages,
        limit=min(limit or DEFAULT_ENTRIES, MAX_LIMIT),
        cursor=cursor,
    )
    sent = request.args.items(multi=True)
    filters = tuple((name, value) for name, value in sent if name not in _PAGING and name[:1] != "_")
    return atom_response(FeedRequest(filters, limit, languages), page, cursor, installation())
