"""The endpoint of the change feed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.api.atom_feed import atom_response
from kb.api.negotiation import ATOM, alternative_format, requests_format
from kb.api.smorest import Blueprint
from kb.config import API_ROOT
from kb.schemas.changes import ChangeListSchema, ChangesQuerySchema
from kb.services.core import change_feed
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint("changes", __name__, url_prefix=API_ROOT, description="The change feed.")


@blueprint.route("/changes", methods=["GET"])
@blueprint.arguments(ChangesQuerySchema, location="query")
@blueprint.response(200, ChangeListSchema)
@alternative_format(ATOM, atom_response)
def list_changes(query: Mapping[str, Any]) -> Any:
    """List the changes after `since`, in commit order. No change is ever skipped."""
    if query["since"] is None and requests_format(query, ATOM):
        return change_feed.latest_changes(current_actor(), query["limit"])
    return change_feed.list_changes(current_actor(), query["since"] or 0, query["limit"])
