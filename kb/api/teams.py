"""Endpoints for teams and their members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.api.etags import if_match_versions, version_etag
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
from kb.domain.permissions import Role
from kb.schemas.headers import ConditionSchema, OptionalConditionSchema
from kb.schemas.pagination import PageQuerySchema
from kb.schemas.teams import (
    MemberInputSchema,
    MemberListSchema,
    MemberSchema,
    TeamInputSchema,
    TeamListSchema,
    TeamPatchSchema,
    TeamSchema,
)
from kb.services.accounts import memberships, teams
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint("teams", __name__, url_prefix=API_ROOT, description="Teams own incidents.")


@blueprint.route("/teams", methods=["GET"])
@blueprint.response(200, TeamListSchema)
def list_teams() -> Any:
    """List your teams."""
    return {"items": teams.list_teams(current_actor())}


@blueprint.route("/teams", methods=["POST"])
@blueprint.arguments(TeamInputSchema)
@blueprint.response(201, TeamSchema, headers={**ETAG_HEADER, **LOCATION_HEADER})
@idempotent(blueprint, created_responder(lambda team: f"/teams/{team['key']}"))
def create_team(data: Mapping[str, Any]) -> Any:
    """Create a team."""
    return teams.create_team(data["key"], data.get("name"), data.get("language"), actor=current_actor())


@blueprint.route("/teams/<key>", methods=["GET"])
@blueprint.response(200, TeamSchema, headers=ETAG_HEADER)
def get_team(key: str) -> Any:
    """Show one of your teams."""
    return versioned_response(teams.get_team(current_actor(), key))


@blueprint.route("/teams/<key>", methods=["PATCH"])
@blueprint.arguments(TeamPatchSchema)
@blueprint.arguments(ConditionSchema, location="headers")
@blueprint.response(200, TeamSchema, headers=ETAG_HEADER)
def update_team(data: Mapping[str, Any], condition: Mapping[str, str | None], key: str) -> Any:
    """Rename a team, or set the language of its texts."""
    return versioned_response(teams.update_team(current_actor(), key, if_match_versions(condition), data))


@blueprint.route("/teams/<key>/members", methods=["GET"])
@blueprint.arguments(PageQuerySchema, location="query")
@blueprint.response(200, MemberListSchema, headers=LINK_HEADER)
def list_members(query: Mapping[str, Any], key: str) -> Any:
    """List the members of one of your teams by name."""
    actor, limit, cursor = current_actor(), query["limit"], query.get("cursor")
    return page_response(memberships.page_of_members(actor, key, limit=limit, cursor=cursor))


@blueprint.route("/teams/<key>/members/<user>", methods=["PUT"])
@blueprint.arguments(MemberInputSchema)
@blueprint.arguments(OptionalConditionSchema, location="headers")
@blueprint.response(200, MemberSchema, headers=ETAG_HEADER)
@blueprint.alt_response(201, schema=MemberSchema, headers=ETAG_HEADER, success=True)
def put_member(data: Mapping[str, Any], condition: Mapping[str, str | None], key: str, user: str) -> Any:
    """Add a member, or change a member's role.

    The user is named by id or email. Changing a role needs `If-Match`.
    """
    role = Role[data["role"].upper()]
    member, created = memberships.set_member(current_actor(), key, user, if_match_versions(condition), role)
    return member, 201 if created else 200, version_etag(member)


@blueprint.route("/teams/<key>/members/<user>", methods=["DELETE"])
@blueprint.arguments(ConditionSchema, location="headers")
@blueprint.response(204)
def remove_member(condition: Mapping[str, str | None], key: str, user: str) -> Any:
    """Remove a member from a team. What the user wrote stays."""
    memberships.remove_member(current_actor(), key, user, if_match_versions(condition))
    return ""
