"""Aliases of organizations, which administrators list, add and remove."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from marshmallow import ValidationError

from kb.errors import Conflict, InvalidInput
from kb.messages import message_of
from kb.pages.form_errors import errors_by_field
from kb.pages.language import in_interface_language
from kb.pages.messages import _, _l
from kb.pages.parameters import load_query, page_url
from kb.schemas.organizations import OrganizationAliasInputSchema
from kb.schemas.pagination import PageQuerySchema
from kb.services.core.authorization import ANY
from kb.services.taxonomy.organization_aliases import add_alias, list_aliases, remove_alias
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    from kb.pages.messages import LazyText

_MESSAGES: Mapping[str, LazyText] = {
    "alias": _l("Write the other name, in at most 200 characters."),
    "organization": _l("Write the name of the organization, in at most 200 characters."),
}


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/organizations/aliases", view_func=organization_aliases_page)
    blueprint.add_url_rule("/organizations/aliases", view_func=organization_alias_add, methods=["POST"])
    blueprint.add_url_rule(
        "/organizations/aliases/<int:alias_id>/remove",
        view_func=organization_alias_remove,
        methods=["POST"],
    )


@with_permission_check
def organization_aliases_page() -> str:
    """List the names that mean the same, the latest first, with a form for another."""
    return _page({})


@with_permission_check
def organization_alias_add() -> ResponseReturnValue:
    """Declare that two names mean the same organization."""
    sent = {name: request.form.get(name, "") for name in ("alias", "organization")}
    try:
        alias = add_alias(current_actor(), OrganizationAliasInputSchema().load(sent))
    except ValidationError as error:
        return _page(errors_by_field(error, _MESSAGES)), 422
    except InvalidInput as error:
        return _page(errors_by_field(error, {})), 422
    except Conflict as error:
        return _page({"alias": in_interface_language(message_of(error))}), 409
    flash(
        _(
            "%(alias)s and %(organization)s are one organization from now on.",
            alias=alias["alias"],
            organization=alias["organization"],
        )
    )
    return redirect(url_for("pages.organization_aliases_page"), HTTPStatus.SEE_OTHER)


@with_permission_check
def organization_alias_remove(alias_id: int) -> ResponseReturnValue:
    """Remove an alias, so that its two names are separate organizations again."""
    remove_alias(current_actor(), alias_id, ANY)
    flash(_("Removed. The two names are two organizations again."))
    return redirect(url_for("pages.organization_aliases_page"), HTTPStatus.SEE_OTHER)


def _page(errors: Mapping[str, str]) -> str:
    query = load_query(PageQuerySchema())
    page = list_aliases(current_actor(), limit=query["limit"], cursor=query.get("cursor"))
    return render_template(
        "organization_aliases.html",
        aliases=page.items,
        errors=errors,
        alias=request.form.get("alias", ""),
        organization=request.form.get("organization", ""),
        next_url=None if page.next is None else page_url([("cursor", page.next)]),
    )
