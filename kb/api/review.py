"""Endpoints of the way to publication: steps, completeness, comments, duplicates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.api.etags import if_match_versions
from kb.api.idempotent import idempotent
from kb.api.responses import ETAG, LOCATION, WRITTEN, changed, created_at, merged, page, versioned
from kb.api.spec import Blueprint
from kb.config import API_ROOT
from kb.domain.workflow import Step
from kb.schemas.comments import (
    CommentInputSchema,
    CommentListSchema,
    CommentPatchSchema,
    CommentQuerySchema,
    CommentSchema,
)
from kb.schemas.duplicates import DuplicateListSchema, MergeInputSchema
from kb.schemas.filters import LanguageQuerySchema
from kb.schemas.headers import ConditionSchema
from kb.schemas.incident import IncidentSchema
from kb.schemas.pagination import PageQuerySchema
from kb.schemas.review import CompletenessSchema, EventListSchema, StepInputSchema
from kb.services.incidents import duplicates, merging
from kb.services.review import comments, transitions
from kb.services.review.readiness import get_completeness as completeness
from kb.web.current_actor import current_actor
from kb.web.languages import reader_languages

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint("review", __name__, url_prefix=API_ROOT, description="From a draft to its readers.")

_INCIDENT = "/incidents/<int:incident_id>"


@blueprint.route(f"{_INCIDENT}/events", methods=["GET"])
@blueprint.arguments(PageQuerySchema, location="query")
@blueprint.response(200, EventListSchema)
def list_events(query: Mapping[str, Any], incident_id: int) -> Any:
    """The steps that an incident has taken, for its team: the latest first."""
    return page(
        transitions.list_events(
            current_actor(), incident_id, limit=query["limit"], cursor=query.get("cursor")
        )
    )


@blueprint.route(f"{_INCIDENT}/events", methods=["POST"])
@blueprint.arguments(StepInputSchema)
@blueprint.arguments(ConditionSchema, location="headers")
@blueprint.response(200, IncidentSchema, headers=WRITTEN)
@idempotent(blueprint, changed)
def create_event(data: Mapping[str, Any], condition: Mapping[str, str | None], incident_id: int) -> Any:
    """Take a step: submit, retract, request_changes, approve, publish, withdraw or reopen.

    An approval is of the version that `If-Match` names, and of no other.
    """
    return transitions.transition_incident(
        current_actor(),
        incident_id,
        if_match_versions(condition),
        Step(data["step"]),
        data["comment"],
        override=data["override"],
    )


@blueprint.route(f"{_INCIDENT}/completeness", methods=["GET"])
@blueprint.arguments(LanguageQuerySchema, location="query")
@blueprint.response(200, CompletenessSchema)
def get_completeness(query: Mapping[str, Any], incident_id: int) -> Any:
    """What an incident still needs to be published, as questions to answer."""
    return completeness(current_actor(), incident_id, reader_languages(query))


@blueprint.route(f"{_INCIDENT}/comments", methods=["GET"])
@blueprint.arguments(CommentQuerySchema, location="query")
@blueprint.response(200, CommentListSchema)
def list_comments(query: Mapping[str, Any], incident_id: int) -> Any:
    """The comments on an incident, the latest first; what is internal, for its team only."""
    return page(
        comments.list_comments(
            current_actor(),
            incident_id,
            resolved=query.get("resolved"),
            limit=query["limit"],
            cursor=query.get("cursor"),
        )
    )


@blueprint.route(f"{_INCIDENT}/comments", methods=["POST"])
@blueprint.arguments(CommentInputSchema)
@blueprint.response(201, CommentSchema, headers={**ETAG, **LOCATION})
@idempotent(blueprint, created_at(lambda row: f"/incidents/{row['incident']}/comments/{row['id']}"))
def create_comment(data: Mapping[str, Any], incident_id: int) -> Any:
    """Comment on an incident that one may see."""
    return comments.add_comment(current_actor(), incident_id, data)


@blueprint.route(f"{_INCIDENT}/comments/<int:comment_id>", methods=["GET"])
@blueprint.response(200, CommentSchema, headers=ETAG)
def get_comment(incident_id: int, comment_id: int) -> Any:
    """One comment."""
    return versioned(comments.get_comment(current_actor(), incident_id, comment_id))


@blueprint.route(f"{_INCIDENT}/comments/<int:comment_id>", methods=["PATCH"])
@blueprint.arguments(CommentPatchSchema)
@blueprint.arguments(ConditionSchema, location="headers")
@blueprint.response(200, CommentSchema, headers=ETAG)
def update_comment(
    data: Mapping[str, Any], condition: Mapping[str, str | None], incident_id: int, comment_id: int
) -> Any:
    """Resolve a comment, or open it again."""
    return versioned(
        comments.resolve_comment(
            current_actor(), incident_id, comment_id, if_match_versions(condition), resolved=data["resolved"]
        )
    )


@blueprint.route(f"{_INCIDENT}/duplicates", methods=["GET"])
@blueprint.response(200, DuplicateListSchema)
def list_duplicates(incident_id: int) -> Any:
    """What may be the same as an incident: by organization and time, by source, by its words."""
    return duplicates.list_duplicates(current_actor(), incident_id)


@blueprint.route(f"{_INCIDENT}/duplicate-of/<int:other_id>", methods=["POST"])
@blueprint.arguments(MergeInputSchema)
@blueprint.arguments(ConditionSchema, location="headers")
@blueprint.response(200, IncidentSchema, headers={**WRITTEN, **LOCATION})
@idempotent(blueprint, merged)
def mark_duplicate(
    data: Mapping[str, Any], condition: Mapping[str, str | None], incident_id: int, other_id: int
) -> Any:
    """Withdraw an incident as a duplicate; its address leads to the other one, for ever.

    The answer is the one that stays. `If-Match` is of the one that goes.
    """
    return merging.mark_duplicate(
        current_actor(),
        incident_id,
        if_match_versions(condition),
        other_id,
        parts=data["take_over"],
        comment=data["comment"],
    )
