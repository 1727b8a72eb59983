"""`kb token`: make, list and revoke API tokens."""

from __future__ import annotations

from datetime import timedelta

import click

from kb.cli.common import format_option, print_rows, say, with_app
from kb.domain.permissions import TEAM_ROLES, Role, Scope
from kb.services.accounts import token_revocation, tokens
from kb.services.accounts.memberships import find_user
from kb.services.accounts.teams import MAIN_TEAM
from kb.services.infrastructure.runtime import settings


@click.group()
def token() -> None:
    """API tokens."""


@token.command()
@click.option("--name", required=True, help="What the token is for; a team's is the author of what it files.")
@click.option(
    "--role", type=click.Choice([role.key for role in TEAM_ROLES]), help="What it may do for its team."
)
@click.option("--team", help=f"Key of the team that it acts for.  [default: {MAIN_TEAM}]")
@click.option("--user", "email", help="Email of a user: the token may what the user may. Instead of a role.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What it is for, at the most; may be repeated.  [default: everything]",
)
@click.option("--days", type=click.IntRange(1), help="Until it expires.  [default: never]")
@with_app
def create(
    *,
    name: str,
    role: str | None,
    team: str | None,
    email: str | None,
    scopes: tuple[str, ...],
    days: int | None,
) -> None:
    """Make a token and print it, alone, on standard output. It is shown only now.

    The role admin is of the team that --team names; without --team it is that of an administrator of the
    site, who may do everything for every team.
    """
    if (role is None) == (email is None):
        raise click.UsageError("Say either --role, for a team's token, or --user; not both.")
    lifetime = timedelta(days=days) if days else None
    wanted = [Scope(scope) for scope in scopes] or list(Scope)
    if email is not None:
        if team is not None:
            raise click.UsageError("A user's token is for all of the user's teams: leave out --team.")
        made = tokens.create_user_token(find_user(email).id, name, scopes=wanted, lifetime=lifetime)
    else:
        assert role is not None
        given = Role[role.upper()]
        if given is Role.ADMIN and team is None:
            given = Role.SITE_ADMIN
        made = tokens.create_token(name, given, team=team or MAIN_TEAM, scopes=wanted, lifetime=lifetime)
    say(f"Token {made.id}, for the knowledge base in {settings().data_dir.resolve()}:")
    click.echo(made.secret)


@token.command(name="list")
@format_option
@with_app
def list_command(output_format: str) -> None:
    """List all tokens; their secrets are not kept."""
    rows = tokens.list_tokens()
    if output_format == "text":
        rows = [{**row, "scopes": " ".join(row["scopes"])} for row in rows]
    print_rows(rows, output_format)


@token.command()
@click.argument("token_id", type=int)
@with_app
def revoke(token_id: int) -> None:
    """Make the token with this id worthless, at once."""
    token_revocation.revoke_token(token_id)
    say(f"Token {token_id} is revoked.")
