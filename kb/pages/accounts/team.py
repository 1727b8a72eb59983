"""A team of the visitor: its members and their roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import render_template

from kb.pages.accounts.account import ROLES
from kb.services.accounts import memberships, teams
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from flask import Blueprint


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/teams/<key>", view_func=team_page)


@with_permission_check
def team_page(key: str) -> str:
    """List the members of a team. Raises NotFound for a team that is not one of the visitor's."""
    actor = current_actor()
    members = memberships.list_members(actor, key)
    return render_template(
        "team.html",
        team=teams.get_team(actor, key),
        members=[member for member in members if not member["disabled"]],
        roles=ROLES,
    )
