"""`kb team`: the teams that own incidents, and who belongs to them."""

from __future__ import annotations

import click

from kb.cli.common import format_option, print_rows, say, with_app
from kb.domain.permissions import TEAM_ROLES, Role
from kb.services.accounts import memberships as people
from kb.services.accounts import teams
from kb.services.core.authorization import ANY_VERSION
from kb.services.core.system_actors import OPERATOR

_ANY = frozenset({ANY_VERSION})


@click.group()
def team() -> None:
    """Teams, the owners of incidents."""


@team.command()
@click.argument("key")
@click.option("--name", help="Its name in full.  [default: the key]")
@with_app
def create(key: str, name: str | None) -> None:
    """Add a team; KEY is a short name such as social-media."""
    teams.create_team(key, name, actor=OPERATOR)
    say(f"Team {key} is there.")


@team.command(name="list")
@format_option
@with_app
def list_command(output_format: str) -> None:
    """List all teams."""
    print_rows(
        [{"key": row["key"], "name": row["name"]} for row in teams.list_teams(OPERATOR)], output_format
    )


@team.command()
@click.argument("key")
@format_option
@with_app
def members(key: str, output_format: str) -> None:
    """List who is what in the team KEY."""
    print_rows(people.list_members(OPERATOR, key), output_format)


@team.command()
@click.argument("key")
@click.argument("email")
@click.option(
    "--role", type=click.Choice([role.key for role in TEAM_ROLES]), required=True, help="What they may do."
)
@with_app
def add(key: str, email: str, role: str) -> None:
    """Make the user with EMAIL a member of the team KEY, or give a member another role."""
    member, _ = people.set_member(OPERATOR, key, email, _ANY, Role[role.upper()])
    say(f"{member['name']} is {member['role']} of {key}.")


@team.command()
@click.argument("key")
@click.argument("email")
@with_app
def remove(key: str, email: str) -> None:
    """End the membership of the user with EMAIL in the team KEY; what they wrote stays."""
    people.remove_member(OPERATOR, key, email, _ANY)
    say(f"{email} is no member of {key} any more.")
