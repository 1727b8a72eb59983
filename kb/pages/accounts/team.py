"""A team of the visitor: its members and their roles, and for its administrators the forms to change them."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request, url_for
from marshmallow import ValidationError

from kb.domain.language import DEFAULT_LANGUAGE
from kb.domain.permissions import TEAM_ROLES, Role
from kb.errors import InvalidInput, NotFound, PreconditionMissing, StaleVersion
from kb.pages.accounts.account import ROLES
from kb.pages.form_errors import errors_by_field
from kb.pages.language import LANGUAGES
from kb.pages.messages import _, _l
from kb.pages.sent_version import sent_version
from kb.schemas.teams import MemberInputSchema, TeamPatchSchema
from kb.services.accounts import memberships, teams
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    from kb.pages.messages import LazyText

_MESSAGES: Mapping[str, LazyText] = {
    "name": _l("Write a name of 1 to 200 characters."),
    "language": _l("Choose a language from the list."),
    "role": _l("Choose a role from the list."),
}
MAX_SHOWN = 100
"""How many members a page lists."""

_CHANGED = _l("It was changed in the meantime. Read it again, then decide.")


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/teams/<key>", view_func=team_page)
    blueprint.add_url_rule("/teams/<key>", view_func=team_update, methods=["POST"])
    blueprint.add_url_rule("/teams/<key>/members", view_func=team_member_add, methods=["POST"])
    blueprint.add_url_rule(
        "/teams/<key>/members/<int:user_id>", view_func=team_member_change, methods=["POST"]
    )


@with_permission_check
def team_page(key: str) -> str:
    """List the members of a team. Raises NotFound for a team that is not one of the visitor's."""
    return _page(key, {})


@with_permission_check
def team_update(key: str) -> ResponseReturnValue:
    """Change the name of a team, or the language of its new incidents."""
    actor, language = current_actor(), request.form.get("language", "")
    data = {"name": request.form.get("name", "")}
    if language != (teams.get_team(actor, key)["language"] or DEFAULT_LANGUAGE):
        data["language"] = language
    try:
        teams.update_team(actor, key, sent_version(), TeamPatchSchema().load(data))
    except (InvalidInput, ValidationError) as error:
        return _page(key, errors_by_field(error, _MESSAGES), "settings"), 422
    except StaleVersion:
        return _page(key, {"settings": str(_CHANGED)}), 409
    return _done(key, _("The team is saved."))


@with_permission_check
def team_member_add(key: str) -> ResponseReturnValue:
    """Add the user with an email address to a team."""
    email = request.form.get("email", "").strip()
    if "@" not in email:
        return _page(key, {"email": _("Write an email address such as name@example.com.")}, "add"), 422
    try:
        member = _set_member(key, email, None)
    except ValidationError as error:
        return _page(key, errors_by_field(error, _MESSAGES), "add"), 422
    except NotFound:
        teams.get_team(current_actor(), key)  # which may be what is missing
        problem = _(
            "Nobody has an account here with this address. The people who run this site add accounts."
        )
        return _page(key, {"email": problem}, "add"), 422
    except PreconditionMissing:
        problem = _("Whoever has this address belongs to the team already. Change the role in the list.")
        return _page(key, {"email": problem}, "add"), 409
    return _done(key, _("%(name)s belongs to the team now.", name=member["name"]))


@with_permission_check
def team_member_change(key: str, user_id: int) -> ResponseReturnValue:
    """Change the role of a member, or end the membership."""
    removes = request.form.get("step") == "remove"
    try:
        if removes:
            memberships.remove_member(current_actor(), key, str(user_id), sent_version())
        else:
            _set_member(key, str(user_id), sent_version())
    except ValidationError as error:
        return _page(key, {f"role-{user_id}": errors_by_field(error, _MESSAGES)["role"]}), 422
    except StaleVersion:
        return _page(key, {f"role-{user_id}": str(_CHANGED)}), 409
    except NotFound:
        teams.get_team(current_actor(), key)  # which may be what is missing
        return _page(key, {"members": _("The membership has ended in the meantime.")}), 409
    if removes:
        return _done(key, _("The membership has ended. What the person wrote stays."))
    return _done(key, _("The role is changed."))


def _set_member(key: str, id_or_email: str, versions: frozenset[int] | None) -> dict[str, Any]:
    data = MemberInputSchema().load({"role": request.form.get("role", "")})
    role = Role[data["role"].upper()]
    return memberships.set_member(current_actor(), key, id_or_email, versions, role)[0]


def _done(key: str, said: str) -> ResponseReturnValue:
    flash(said)
    return redirect(_url(key, _page_number()), HTTPStatus.SEE_OTHER)


def _url(key: str, number: int) -> str:
    return url_for("pages.team_page", key=key, page=number if number > 1 else None)


def _page_number() -> int:
    return max(1, request.args.get("page", 1, type=int))


def _page(key: str, errors: Mapping[str, str], failed: str = "") -> str:
    """Render the page, with the errors of one of its forms and what was typed there."""
    actor = current_actor()
    members = [member for member in memberships.list_members(actor, key) if not member["disabled"]]
    pages = max(1, math.ceil(len(members) / MAX_SHOWN))
    number = min(_page_number(), pages)
    team = teams.get_team(actor, key)
    language = team["language"] or DEFAULT_LANGUAGE
    sent = {failed: request.form} if failed else {}
    return render_template(
        "team.html",
        team=team,
        members=members[(number - 1) * MAX_SHOWN : number * MAX_SHOWN],
        member_count=len(members),
        page=number,
        pages=pages,
        previous_url=_url(key, number - 1) if number > 1 else None,
        next_url=_url(key, number + 1) if number < pages else None,
        roles=ROLES,
        may_manage=actor.sees_everything or team["role"] == Role.ADMIN.key,
        files_here=any(each["key"] == team["key"] for each in teams.list_filing_teams(actor)),
        errors=errors,
        team_roles={role.key: ROLES[role.key] for role in TEAM_ROLES},
        languages_to_choose={language: language, **LANGUAGES},
        settings=sent.get("settings", {"name": team["name"], "language": language}),
        added=sent.get("add", {"email": "", "role": Role.CONTRIBUTOR.key}),
    )
