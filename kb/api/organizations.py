"""Endpoints for organizations: their aliases."""

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
from kb.schemas.headers import ConditionSchema
from kb.schemas.organizations import (
    OrganizationAliasInputSchema,
    OrganizationAliasListSchema,
    OrganizationAliasPatchSchema,
    OrganizationAliasQuerySchema,
    OrganizationAliasSchema,
)
from kb.services.taxonomy import organization_aliases
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint(
    "organizations",
    __name__,
    url_prefix=API_ROOT,
    description="Names that mean the same organization in filters, trends and likely duplicates.",
)


@blueprint.route("/organizations/aliases", methods=["GET"])
@blueprint.arguments(OrganizationAliasQuerySchema, location="query")
@blueprint.response(200, OrganizationAliasListSchema, headers=LINK_HEADER)
def list_organization_aliases(query: Mapping[str, Any]) -> Any:
    """List the aliases of organizations.

    The newest come first. For site administrators.
    """
    return page_response(
        organization_aliases.list_aliases(
            current_actor(),
            organization=query.get("organization"),
            limit=query["limit"],
            cursor=query.get("cursor"),
        )
    )


@blueprint.route("/organizations/aliases", methods=["POST"])
@blueprint.arguments(OrganizationAliasInputSchema)
@blueprint.response(201, OrganizationAliasSchema, headers={**ETAG_HEADER, **LOCATION_HEADER})
@idempotent(blueprint, created_responder(lambda alias: f"/organizations/aliases/{alias['id']}"))
def create_organization_alias(data: Mapping[str, Any]) -> Any:
    """Declare that two names mean the same organization.

    Incidents do not change: they show the name that they were filed under.
    """
    return organization_aliases.add_alias(current_actor(), data)


@blueprint.route("/organizations/aliases/<int:alias_id>", methods=["GET"])
@blueprint.response(200, OrganizationAliasSchema, headers=ETAG_HEADER)
def get_organization_alias(alias_id: int) -> Any:
    """Get one alias.

    Its ETag is required to change or remove it.
    """
    return versioned_response(organization_aliases.get_alias(current_actor(), alias_id))


@blueprint.route("/organizations/aliases/<int:alias_id>", methods=["PATCH"])
@blueprint.arguments(OrganizationAliasPatchSchema)
@blueprint.arguments(ConditionSchema, location="headers")
@blueprint.response(200, OrganizationAliasSchema, headers=ETAG_HEADER)
def update_organization_alias(
    data: Mapping[str, Any], condition: Mapping[str, str | None], alias_id: int
) -> Any:
    """Change an alias, its spelling or its organization."""
    versions = if_match_versions(condition)
    return versioned_response(organization_aliases.update_alias(current_actor(), alias_id, versions, data))


@blueprint.route("/organizations/aliases/<int:alias_id>", methods=["DELETE"])
@blueprint.arguments(ConditionSchema, location="headers")
@blueprint.response(204)
def remove_organization_alias(condition: Mapping[str, str | None], alias_id: int) -> Any:
    """Remove an alias.

    The two names are separate organizations again.
    """
    organization_aliases.remove_alias(current_actor(), alias_id, if_match_versions(condition))
    return ""
