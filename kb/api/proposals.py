"""Endpoints for proposals, which are changes to published incidents that await a review."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.api.etags import if_match_versions
from kb.api.idempotent import idempotent
from kb.api.responses import (
    ETAG_HEADER,
    LINK_HEADER,
    WRITE_HEADERS,
    page_response,
    proposal_response,
    proposal_step_response,
)
from kb.api.smorest import Blueprint
from kb.config import API_ROOT
from kb.domain.proposal import ProposalStatus, ProposalStep
from kb.schemas.headers import ConditionSchema
from kb.schemas.pagination import PageQuerySchema
from kb.schemas.proposals import (
    ProposalListSchema,
    ProposalPatchSchema,
    ProposalQuerySchema,
    ProposalSchema,
    ProposalStepInputSchema,
    ProposalVersionQuerySchema,
)
from kb.services.incidents.changes import proposal_steps, proposals
from kb.web.current_actor import current_actor
from kb.web.languages import reader_languages

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint(
    "proposals",
    __name__,
    url_prefix=API_ROOT,
    description="Changes to published incidents that wait for a review. Readers do not see them.",
)


@blueprint.route("/proposals", methods=["GET"])
@blueprint.arguments(ProposalQuerySchema, location="query")
@blueprint.alt_response(404, response="NotFound")
@blueprint.response(200, ProposalListSchema, headers=LINK_HEADER)
def list_proposals(query: Mapping[str, Any]) -> Any:
    """List the proposals of your teams. The newest come first."""
    filters = proposals.ProposalFilter(
        team=query.get("team"), statuses=[ProposalStatus(value) for value in query.get("status", ())]
    )
    return page_response(
        proposals.list_proposals(current_actor(), filters, limit=query["limit"], cursor=query.get("cursor"))
    )


@blueprint.route("/incidents/<int:incident_id>/proposals", methods=["GET"])
@blueprint.arguments(PageQuerySchema, location="query")
@blueprint.response(200, ProposalListSchema, headers=LINK_HEADER)
def list_incident_proposals(query: Mapping[str, Any], incident_id: int) -> Any:
    """List the proposals to an incident. The newest come first."""
    return page_response(
        proposals.list_incident_proposals(
            current_actor(), incident_id, limit=query["limit"], cursor=query.get("cursor")
        )
    )


@blueprint.route("/proposals/<int:proposal_id>", methods=["GET"])
@blueprint.arguments(ProposalVersionQuerySchema, location="query")
@blueprint.response(200, ProposalSchema, headers=ETAG_HEADER)
def get_proposal(query: Mapping[str, Any], proposal_id: int) -> Any:
    """Show a proposal. The resulting incident, the changes, and what is still required."""
    proposal = proposals.get_proposal(
        current_actor(), proposal_id, reader_languages(query), version=query.get("version")
    )
    return proposal_response(proposal)


@blueprint.route("/proposals/<int:proposal_id>", methods=["PATCH"])
@blueprint.arguments(ProposalPatchSchema)
@blueprint.arguments(ConditionSchema, location="headers")
@blueprint.response(200, ProposalSchema, headers=ETAG_HEADER)
def update_proposal(data: Mapping[str, Any], condition: Mapping[str, str | None], proposal_id: int) -> Any:
    """Change a proposal. This voids earlier approvals. Only the fields that are sent change."""
    proposal = proposals.update_proposal(current_actor(), proposal_id, if_match_versions(condition), data)
    return proposal_response(proposal)


@blueprint.route("/proposals/<int:proposal_id>/events", methods=["POST"])
@blueprint.arguments(ProposalStepInputSchema)
@blueprint.arguments(ConditionSchema, location="headers")
@blueprint.response(200, ProposalSchema, headers=WRITE_HEADERS)
@idempotent(blueprint, proposal_step_response)
def create_proposal_event(
    data: Mapping[str, Any], condition: Mapping[str, str | None], proposal_id: int
) -> Any:
    """Approve, publish or discard a proposal.

    An approval applies only to the version of the proposal in `If-Match`.
    """
    return proposal_steps.take_proposal_step(
        current_actor(),
        proposal_id,
        if_match_versions(condition),
        ProposalStep(data["step"]),
        data["comment"],
        override=data["override"],
        acknowledged=data["acknowledge"],
    )
