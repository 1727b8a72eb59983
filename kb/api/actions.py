"""Endpoints for follow-up actions and the effectiveness of lessons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.api.etags import if_match_versions
from kb.api.idempotent import idempotent
from kb.api.responses import (
    ETAG_HEADER,
    LINK_HEADER,
    LOCATION_HEADER,
    created_responder,
    page_response,
    versioned_response,
)
from kb.api.smorest import Blueprint
from kb.config import API_ROOT
from kb.domain.follow_up import FollowUpOrder, FollowUpStatus
from kb.schemas.follow_ups import (
    EffectivenessSchema,
    FollowUpInputSchema,
    FollowUpListSchema,
    FollowUpPatchSchema,
    FollowUpQuerySchema,
    FollowUpSchema,
    IncidentFollowUpQuerySchema,
)
from kb.schemas.headers import ConditionSchema
from kb.services.review import effectiveness, follow_ups
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint(
    "actions", __name__, url_prefix=API_ROOT, description="Follow-up actions, and whether they helped."
)


@blueprint.route("/actions", methods=["GET"])
@blueprint.arguments(FollowUpQuerySchema, location="query")
@blueprint.alt_response(404, response="NotFound")
@blueprint.response(200, FollowUpListSchema, headers=LINK_HEADER)
def list_actions(query: Mapping[str, Any]) -> Any:
    """List your teams' actions. The newest come first; with `overdue`, the longest overdue."""
    filters = follow_ups.FollowUpFilter(
        owner=query.get("owner"),
        team=query.get("team"),
        statuses=[FollowUpStatus(value) for value in query.get("status", ())],
        overdue=query["overdue"],
    )
    default = FollowUpOrder.DUE_ON if filters.overdue else FollowUpOrder.NEWEST
    return page_response(
        follow_ups.list_actions(
            current_actor(),
            filters,
            order=FollowUpOrder(query.get("sort", default)),
            limit=query["limit"],
            cursor=query.get("cursor"),
        )
    )


@blueprint.route("/actions/<int:action_id>", methods=["GET"])
@blueprint.response(200, FollowUpSchema, headers=ETAG_HEADER)
def get_action(action_id: int) -> Any:
    """Show one action."""
    return versioned_response(follow_ups.get_action(current_actor(), action_id))


@blueprint.route("/actions/<int:action_id>", methods=["PATCH"])
@blueprint.arguments(FollowUpPatchSchema)
@blueprint.arguments(ConditionSchema, location="headers")
@blueprint.response(200, FollowUpSchema, headers=ETAG_HEADER)
def update_action(data: Mapping[str, Any], condition: Mapping[str, str | None], action_id: int) -> Any:
    """Change an action. Setting `status` to `done` completes it."""
    return versioned_response(
        follow_ups.update_action(current_actor(), action_id, if_match_versions(condition), data)
    )


@blueprint.route("/incidents/<int:incident_id>/actions", methods=["GET"])
@blueprint.arguments(IncidentFollowUpQuerySchema, location="query")
@blueprint.response(200, FollowUpListSchema, headers=LINK_HEADER)
def list_incident_actions(query: Mapping[str, Any], incident_id: int) -> Any:
    """List the follow-up actions of an incident. Newest first, for members of its team."""
    return page_response(
        follow_ups.list_incident_actions(
            current_actor(),
            incident_id,
            order=FollowUpOrder(query["sort"]),
            limit=query["limit"],
            cursor=query.get("cursor"),
        )
    )


@blueprint.route("/incidents/<int:incident_id>/actions", methods=["POST"])
@blueprint.arguments(FollowUpInputSchema)
@blueprint.response(201, FollowUpSchema, headers={**ETAG_HEADER, **LOCATION_HEADER})
@idempotent(blueprint, created_responder(lambda row: f"/actions/{row['id']}"))
def create_action(data: Mapping[str, Any], incident_id: int) -> Any:
    """Add an action to an incident, or to one of its lessons."""
    return follow_ups.add_action(current_actor(), incident_id, data)


@blueprint.route("/incidents/<int:incident_id>/effectiveness", methods=["GET"])
@blueprint.response(200, EffectivenessSchema)
def get_effectiveness(incident_id: int) -> Any:
    """Show whether an incident's lessons helped.

    Counts incidents with the same failure modes before and after each lesson's actions were completed.
    """
    return effectiveness.get_effectiveness(current_actor(), incident_id)
