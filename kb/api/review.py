"""Endpoints for reviewing an incident: workflow steps, completeness, comments, duplicates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.api.etags import if_match_versions
from kb.api.idempotent import idempotent
from kb.api.responses import (
    ETAG_HEADER,
    INDEX_HEADERS,
    LINK_HEADER,
    LOCATION_HEADER,
    WRITE_HEADERS,
    created_responder,
    merged_incident_response,
    page_response,
    updated_incident_response,
    versioned_response,
)
from kb.api.smorest import Blueprint
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
from kb.services.incidents.duplicates import distinct, likely, merging
from kb.services.review import comments, readiness, transitions
from kb.translation import translated_details
from kb.web.current_actor import current_actor
from kb.web.languages import reader_languages

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint(
    "review",
    __name__,
    url_prefix=API_ROOT,
    description="Workflow steps, completeness, comments and duplicates.",
)

_INCIDENT = "/incidents/<int:incident_id>"


@blueprint.route(f"{_INCIDENT}/events", methods=["GET"])
@blueprint.arguments(PageQuerySchema, location="query")
@blueprint.response(200, EventListSchema, headers=LINK_HEADER)
def list_events(query: Mapping[str, Any], incident_id: int) -> Any:
    """List the workflow steps of an incident, newest first."""
    return page_response(
        transitions.list_events(
            current_actor(), incident_id, limit=query["limit"], cursor=query.get("cursor")
        )
    )


@blueprint.route(f"{_INCIDENT}/events", methods=["POST"])
@blueprint.arguments(StepInputSchema)
@blueprint.arguments(ConditionSchema, location="headers")
@blueprint.response(200, IncidentSchema, headers=WRITE_HEADERS)
@idempotent(blueprint, updated_incident_response)
def create_event(data: Mapping[str, Any], condition: Mapping[str, str | None], incident_id: int) -> Any:
    """Take a workflow step.

    The steps are submit, retract, request_changes, approve, publish, withdraw and reopen. An approval applies
    only to the version in `If-Match`. Contributors may withdraw what was never published, and reopen it.
    """
    return transitions.transition_incident(
        current_actor(),
        incident_id,
        if_match_versions(condition),
        Step(data["step"]),
        data["comment"],
        override=data["override"],
        acknowledged=data["acknowledge"],
    )


@blueprint.route(f"{_INCIDENT}/completeness", methods=["GET"])
@blueprint.arguments(LanguageQuerySchema, location="query")
@blueprint.response(200, CompletenessSchema)
def get_completeness(query: Mapping[str, Any], incident_id: int) -> Any:
    """List what an incident still needs to be published. Missing fields are questions to answer."""
    ready = readiness.get_completeness(current_actor(), incident_id, reader_languages(query))
    details = {name: translated_details(ready[name], ready["language"]) for name in ("obstacles", "concerns")}
    return {**ready, **details}


@blueprint.route(f"{_INCIDENT}/comments", methods=["GET"])
@blueprint.arguments(CommentQuerySchema, location="query")
@blueprint.response(200, CommentListSchema, headers=LINK_HEADER)
def list_comments(query: Mapping[str, Any], incident_id: int) -> Any:
    """List the comments on an incident. Newest first. Internal comments are for members of its team."""
    return page_response(
        comments.list_comments(
            current_actor(),
            incident_id,
            resolved=query.get("resolved"),
            proposal_id=query.get("proposal"),
            limit=query["limit"],
            cursor=query.get("cursor"),
        )
    )


@blueprint.route(f"{_INCIDENT}/comments", methods=["POST"])
@blueprint.arguments(CommentInputSchema)
@blueprint.response(201, CommentSchema, headers={**ETAG_HEADER, **LOCATION_HEADER})
@idempotent(blueprint, created_responder(lambda row: f"/incidents/{row['incident']}/comments/{row['id']}"))
def create_comment(data: Mapping[str, Any], incident_id: int) -> Any:
    """Add a comment to an incident."""
    return comments.add_comment(current_actor(), incident_id, data)


@blueprint.route(f"{_INCIDENT}/comments/<int:comment_id>", methods=["GET"])
@blueprint.response(200, CommentSchema, headers=ETAG_HEADER)
def get_comment(incident_id: int, comment_id: int) -> Any:
    """Show one comment."""
    return versioned_response(comments.get_comment(current_actor(), incident_id, comment_id))


@blueprint.route(f"{_INCIDENT}/comments/<int:comment_id>", methods=["PATCH"])
@blueprint.arguments(CommentPatchSchema)
@blueprint.arguments(ConditionSchema, location="headers")
@blueprint.response(200, CommentSchema, headers=ETAG_HEADER)
def update_comment(
    data: Mapping[str, Any], condition: Mapping[str, str | None], incident_id: int, comment_id: int
) -> Any:
    """Resolve or reopen a comment."""
    return versioned_response(
        comments.resolve_comment(
            current_actor(), incident_id, comment_id, if_match_versions(condition), resolved=data["resolved"]
        )
    )


@blueprint.route(f"{_INCIDENT}/duplicates", methods=["GET"])
@blueprint.response(200, DuplicateListSchema, headers=INDEX_HEADERS)
def list_duplicates(incident_id: int) -> Any:
    """List likely duplicates of an incident. They share organization and time, a source, or similar text."""
    return likely.list_duplicates(current_actor(), incident_id)


@blueprint.route(f"{_INCIDENT}/distinct-from/<int:other_id>", methods=["PUT"])
@blueprint.response(204)
@blueprint.alt_response(409, response="Conflict")
def mark_distinct(incident_id: int, other_id: int) -> Any:
    """Mark two incidents as distinct. Neither is offered as a duplicate of the other again."""
    distinct.mark_distinct(current_actor(), incident_id, other_id)
    return ""


@blueprint.route(f"{_INCIDENT}/distinct-from/<int:other_id>", methods=["DELETE"])
@blueprint.response(204)
@blueprint.alt_response(409, response="Conflict")
def unmark_distinct(incident_id: int, other_id: int) -> Any:
    """Undo marking two incidents as distinct."""
    distinct.unmark_distinct(current_actor(), incident_id, other_id)
    return ""


@blueprint.route(f"{_INCIDENT}/duplicate-of/<int:other_id>", methods=["POST"])
@blueprint.arguments(MergeInputSchema)
@blueprint.arguments(ConditionSchema, location="headers")
@blueprint.response(200, IncidentSchema, headers={**WRITE_HEADERS, **LOCATION_HEADER})
@idempotent(blueprint, merged_incident_response)
def mark_duplicate(
    data: Mapping[str, Any], condition: Mapping[str, str | None], incident_id: int, other_id: int
) -> Any:
    """Merge an incident into another. It is withdrawn, and its URL redirects to the other permanently.

    The response is the incident that remains. `If-Match` takes the ETag of the incident that is withdrawn.
    """
    return merging.mark_duplicate(
        current_actor(),
        incident_id,
        if_match_versions(condition),
        other_id,
        parts=data["take_over"],
        comment=data["comment"],
        acknowledged=data["acknowledge"],
    )
