"""Create a token, with which a program acts for its creator or for a team. Its secret is shown once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import make_response, render_template, request
from marshmallow import ValidationError

from kb.domain.permissions import TEAM_ROLES, Action, Role, Scope, has_role_for
from kb.errors import Conflict, InvalidInput
from kb.pages.accounts.account import ROLES
from kb.pages.form_errors import errors_by_field
from kb.pages.form_sent_once import form_key, perform_once
from kb.pages.messages import _l
from kb.schemas.accounts import TokenInputSchema
from kb.services.accounts import teams, tokens
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Blueprint, Response
    from flask.typing import ResponseReturnValue

    from kb.pages.messages import LazyText

_LIFETIMES: Mapping[str, LazyText] = {
    "30": _l("a month"),
    "90": _l("three months"),
    "365": _l("a year"),
    "": _l("as long as nobody revokes it"),
}
"""The choices for the days until a token expires."""

_SCOPES: Mapping[str, LazyText] = {
    Scope.WRITE: _l("File and change incidents, comment, answer checks"),
    Scope.REVIEW: _l("Review and publish"),
    Scope.MANAGE: _l("Change accounts, members and tokens"),
}
"""The permissions of a token besides reading."""

_MESSAGES: Mapping[str, LazyText] = {
    "name": _l("Write a name of 1 to 200 characters."),
    "role": _l("Choose what it does for the team."),
    "scopes": _l("It can do no more than you can here."),
    "days": _l("Choose how long it is valid."),
}
# Names of other tokens do not matter, be they of the same team or of one that the visitor knows nothing of.
_NAME_OF_A_PERSON = _l(
    "A person on this site has this name, and what the token writes would look like theirs. Choose another."
)


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/account/tokens/new", view_func=token_new_page)
    blueprint.add_url_rule("/account/tokens/new", view_func=token_create, methods=["POST"])


@with_permission_check
def token_new_page() -> ResponseReturnValue:
    """Ask what the token is for, and what it may do."""
    return _page()


@with_permission_check
def token_create() -> ResponseReturnValue:
    """Create the token, and show its secret, which no other response contains.

    Sending the same form again, as by a reload, does not create a second one.
    """
    try:
        data = TokenInputSchema().load(_sent())
        token = perform_once(lambda: tokens.create_managed_token(current_actor(), data))
    except (InvalidInput, ValidationError) as error:
        return _page(errors_by_field(error, _MESSAGES), 422)
    except Conflict as error:
        if not error.errors:
            raise
        return _page({"name": str(_NAME_OF_A_PERSON)}, 409)
    response = make_response(render_template("token.html", token=token), 201)
    response.headers["Cache-Control"] = "no-store"
    return response


def _sent() -> dict[str, Any]:
    """Return the form's data as the API takes it. A personal token has no role."""
    form = request.form
    team = form.get("team", "")
    days = form.get("days", "")
    return {
        "name": form.get("name", ""),
        "scopes": [Scope.READ.value, *form.getlist("scopes")],
        "days": int(days) if days.isascii() and days.isdigit() and len(days) < 6 else days or None,
        **({"team": team, "role": form.get("role", "")} if team else {}),
    }


def _page(errors: Mapping[str, str] | None = None, status: int = 200) -> Response:
    """Render the form with its errors."""
    actor, form = current_actor(), request.form
    content = render_template(
        "token_new.html",
        errors=errors or {},
        key=form_key(),
        name=form.get("name", ""),
        has_account=actor.user_id is not None,
        teams=_managed_teams(),
        team=form.get("team", ""),
        roles={role.key: ROLES[role.key] for role in TEAM_ROLES},
        role=form.get("role", Role.READER.key),
        scopes={key: text for key, text in _SCOPES.items() if key in actor.scopes},
        chosen=form.getlist("scopes"),
        lifetimes=_LIFETIMES,
        days=form.get("days", "90"),
    )
    return make_response(content, status)


def _managed_teams() -> dict[str, str]:
    """Return the names of the teams that the visitor administers, by key."""
    actor = current_actor()
    if not has_role_for(actor, Action.MANAGE_TEAM):
        return {}
    return {
        team["key"]: team["name"]
        for team in teams.list_teams(actor)
        if actor.sees_everything or team["role"] == Role.ADMIN.key
    }
