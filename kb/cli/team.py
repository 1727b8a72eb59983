"""`kb team`: manage teams and their members."""

from __future__ import annotations

import click

from kb.cli.common import format_option, print_rows, with_app, with_app_for_writing
from kb.cli.language import read_language, say, wrong_usage
from kb.domain.permissions import TEAM_ROLES, Role
from kb.messages import Message, word

_language_option = click.option(
    "--language",
    callback=read_language,
    help="Language of incidents that do not say theirs, where their texts leave it open, such as he.",
)


@click.group()
def team() -> None:
    """Manage teams, which own incidents."""


@team.command()
@click.argument("key")
@click.option("--name", help="Full name.  [default: KEY]")
@_language_option
@with_app_for_writing
def create(key: str, name: str | None, language: str | None) -> None:
    """Create a team. KEY is a short name such as social-media."""
    from kb.services.accounts import teams
    from kb.services.core.system_actors import OPERATOR

    teams.create_team(key, name, language, actor=OPERATOR)
    say(Message("Created team {key}.", key=key))


@team.command(name="set")
@click.argument("key")
@click.option("--name", help="Full name.")
@_language_option
@with_app_for_writing
def set_command(key: str, name: str | None, language: str | None) -> None:
    """Change the team KEY: its name, or the language of its texts."""
    changes = {field: value for field, value in (("name", name), ("language", language)) if value is not None}
    if not changes:
        raise wrong_usage(Message("Say what to change: --name or --language."))

    from kb.services.accounts import teams
    from kb.services.core.authorization import ANY
    from kb.services.core.system_actors import OPERATOR

    teams.update_team(OPERATOR, key, ANY, changes)
    say(Message("Changed team {key}.", key=key))


@team.command(name="list")
@format_option
@with_app
def list_command(output_format: str) -> None:
    """List all teams."""
    from kb.services.accounts import teams
    from kb.services.core.system_actors import OPERATOR

    columns = ("key", "name", "language")
    rows = [{name: row[name] for name in columns} for row in teams.list_teams(OPERATOR)]
    print_rows(rows, output_format)


@team.command()
@click.argument("key")
@format_option
@with_app
def members(key: str, output_format: str) -> None:
    """List the members of the team KEY and their roles."""
    from kb.services.accounts import memberships
    from kb.services.core.system_actors import OPERATOR

    print_rows(memberships.list_members(OPERATOR, key), output_format)


@team.command()
@click.argument("key")
@click.argument("email")
@click.option(
    "--role", type=click.Choice([role.key for role in TEAM_ROLES]), required=True, help="Role of the member."
)
@with_app_for_writing
def add(key: str, email: str, role: str) -> None:
    """Add the user with EMAIL to the team KEY. An existing member gets the new role."""
    from kb.services.accounts import memberships
    from kb.services.core.authorization import ANY
    from kb.services.core.system_actors import OPERATOR

    member, _ = memberships.set_member(OPERATOR, key, email, ANY, Role[role.upper()])
    message = Message(
        "{name} now has the role {role} in {key}.", name=member["name"], role=word(role), key=key
    )
    say(message)


@team.command()
@click.argument("key")
@click.argument("email")
@with_app_for_writing
def remove(key: str, email: str) -> None:
    """Remove the user with EMAIL from the team KEY. What they wrote stays."""
    from kb.services.accounts import memberships
    from kb.services.core.authorization import ANY
    from kb.services.core.system_actors import OPERATOR

    memberships.remove_member(OPERATOR, key, email, ANY)
    say(Message("{email} is no longer a member of {key}.", email=email, key=key))
