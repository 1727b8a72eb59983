"""Endpoints for the revisions of an incident."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.api.etags import if_match_versions
from kb.api.idempotent import idempotent
from kb.api.responses import (
    LINK_HEADER,
    WRITE_HEADERS,
    page_response,
    proposed_instead,
    updated_incident_response,
)
from kb.api.smorest import Blueprint
from kb.config import API_ROOT
from kb.schemas.headers import ConditionSchema
from kb.schemas.history import (
    DiffQuerySchema,
    DiffSchema,
    RestoreInputSchema,
    RevisionListSchema,
    RevisionSchema,
)
from kb.schemas.incident import IncidentSchema
from kb.schemas.pagination import PageQuerySchema
from kb.services.incidents.changes import history
from kb.services.incidents.changes.restore import restore_incident
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint("history", __name__, url_prefix=API_ROOT, description="Revisions of an incident.")


@blueprint.route("/incidents/<int:incident_id>/revisions", methods=["GET"])
@blueprint.arguments(PageQuerySchema, location="query")
@blueprint.response(200, RevisionListSchema, headers=LINK_HEADER)
def list_revisions(query: Mapping[str, Any], incident_id: int) -> Any:
    """List the revisions of an incident. The newest come first."""
    return page_response(
        history.list_revisions(current_actor(), incident_id, limit=query["limit"], cursor=query.get("cursor"))
    )


@blueprint.route("/incidents/<int:incident_id>/revisions/<int:number>", methods=["GET"])
@blueprint.response(200, RevisionSchema)
def get_revision(incident_id: int, number: int) -> Any:
    """Show one revision of an incident."""
    return history.get_revision(current_actor(), incident_id, number)


@blueprint.route("/incidents/<int:incident_id>/diff", methods=["GET"])
@blueprint.arguments(DiffQuerySchema, location="query")
@blueprint.response(200, DiffSchema)
def get_diff(query: Mapping[str, Any], incident_id: int) -> Any:
    """Compare two revisions. Fields are compared one by one, and texts word by word."""
    return history.get_diff(current_actor(), incident_id, query.get("from_"), query.get("to"))


@blueprint.route("/incidents/<int:incident_id>/revisions/<int:number>/restore", methods=["POST"])
@blueprint.arguments(RestoreInputSchema)
@blueprint.arguments(ConditionSchema, location="headers")
@blueprint.response(200, IncidentSchema, headers=WRITE_HEADERS)
@proposed_instead(blueprint)
@idempotent(blueprint, updated_incident_response)
def restore_revision(
    data: Mapping[str, Any], condition: Mapping[str, str | None], incident_id: int, number: int
) -> Any:
    """Restore the content of a revision. This creates a new version; the status does not change."""
    return restore_incident(current_actor(), incident_id, if_match_versions(condition), number, data)
