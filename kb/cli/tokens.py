"""`kb token`: make, list and revoke API tokens."""

from __future__ import annotations

from datetime import timedelta

import click

from kb.cli.common import format_option, print_rows, say, with_app
from kb.domain.permissions import GRANTABLE_ROLES, Role
from kb.services import tokens
from kb.services.runtime import settings
from kb.services.teams import MAIN_TEAM


@click.group()
def token() -> None:
    """API tokens."""


@token.command()
@click.option("--name", required=True, help="What the token is for; it is the author of what it files.")
@click.option(
    "--role", type=click.Choice([role.key for role in GRANTABLE_ROLES]), required=True, help="What it may do."
)
@click.option("--team", default=MAIN_TEAM, show_default=True, help="Key of the team that it acts for.")
@click.option("--days", type=click.IntRange(1), help="Until it expires.  [default: never]")
@with_app
def create(name: str, role: str, team: str, days: int | None) -> None:
    """Make a token and print it, alone, on standard output. It is shown only now."""
    lifetime = timedelta(days=days) if days else None
    made = tokens.create_token(name, Role[role.upper()], team=team, lifetime=lifetime)
    say(f"Token {made.id}, for the knowledge base in {settings().data_dir.resolve()}:")
    click.echo(made.secret)


@token.command(name="list")
@format_option
@with_app
def list_command(output_format: str) -> None:
    """List all tokens; their secrets are not kept."""
    print_rows(tokens.list_tokens(), output_format)


@token.command()
@click.argument("token_id", type=int)
@with_app
def revoke(token_id: int) -> None:
    """Make the token with this id worthless, at once."""
    tokens.revoke_token(token_id)
    say(f"Token {token_id} is revoked.")
