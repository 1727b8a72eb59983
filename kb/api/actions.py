"""Endpoints of follow-up actions, for the teams that see to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.api.etags import if_match_versions
from kb.api.idempotent import idempotent
from kb.api.responses import ETAG, LOCATION, created_at, page, versioned
from kb.api.spec import Blueprint
from kb.config import API_ROOT
from kb.domain.follow_up import FollowUpStatus
from kb.schemas.follow_ups import (
    EffectivenessSchema,
    FollowUpInputSchema,
    FollowUpListSchema,
    FollowUpPatchSchema,
    FollowUpQuerySchema,
    FollowUpSchema,
)
from kb.schemas.headers import ConditionSchema
from kb.schemas.pagination import PageQuerySchema
from kb.services.review import follow_ups
from kb.services.review.effectiveness import get_effectiveness as effectiveness
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint(
    "actions", __name__, url_prefix=API_ROOT, description="So that it does not happen again."
)


@blueprint.route("/actions", methods=["GET"])
@blueprint.arguments(FollowUpQuerySchema, location="query")
@blueprint.response(200, FollowUpListSchema)
def list_actions(query: Mapping[str, Any]) -> Any:
    """The actions of the caller's teams: of one team, of one person, or what is overdue."""
    filters = follow_ups.FollowUpFilter(
        owner=query.get("owner"),
        team=query.get("team"),
        statuses=[FollowUpStatus(value) for value in query.get("status", ())],
        overdue=query["overdue"],
    )
    return page(
        follow_ups.list_actions(current_actor(), filters, limit=query["limit"], cursor=query.get("cursor"))
    )


@blueprint.route("/actions/<int:action_id>", methods=["GET"])
@blueprint.response(200, FollowUpSchema, headers=ETAG)
def get_action(action_id: int) -> Any:
    """One action."""
    return versioned(follow_ups.get_action(current_actor(), action_id))


@blueprint.route("/actions/<int:action_id>", methods=["PATCH"])
@blueprint.arguments(FollowUpPatchSchema)
@blueprint.arguments(ConditionSchema, location="headers")
@blueprint.response(200, FollowUpSchema, headers=ETAG)
def update_action(data: Mapping[str, Any], condition: Mapping[str, str | None], action_id: int) -> Any:
    """Change an action; `status` done completes it."""
    return versioned(follow_ups.update_action(current_actor(), action_id, if_match_versions(condition), data))


@blueprint.route("/incidents/<int:incident_id>/actions", methods=["GET"])
@blueprint.arguments(PageQuerySchema, location="query")
@blueprint.response(200, FollowUpListSchema)
def list_incident_actions(query: Mapping[str, Any], incident_id: int) -> Any:
    """The actions that follow from an incident, for its team."""
    return page(
        follow_ups.list_of_incident(
            current_actor(), incident_id, limit=query["limit"], cursor=query.get("cursor")
        )
    )


@blueprint.route("/incidents/<int:incident_id>/actions", methods=["POST"])
@blueprint.arguments(FollowUpInputSchema)
@blueprint.response(201, FollowUpSchema, headers={**ETAG, **LOCATION})
@idempotent(blueprint, created_at(lambda row: f"/actions/{row['id']}"))
def create_action(data: Mapping[str, Any], incident_id: int) -> Any:
    """Add an action to an incident, or to one of its lessons."""
    return follow_ups.add_action(current_actor(), incident_id, data)


@blueprint.route("/incidents/<int:incident_id>/effectiveness", methods=["GET"])
@blueprint.response(200, EffectivenessSchema)
def get_effectiveness(incident_id: int) -> Any:
    """Incidents of the same failure modes after a lesson's actions were done, beside before."""
    return effectiveness(current_actor(), incident_id)
