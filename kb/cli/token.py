"""`kb token`: create, list and revoke API tokens."""

from __future__ import annotations

from datetime import timedelta

import click

from kb.cli.common import format_option, print_rows, with_app, with_app_for_writing
from kb.cli.language import say, wrong_usage
from kb.domain.permissions import TEAM_ROLES, Role, Scope
from kb.messages import Message


@click.group()
def token() -> None:
    """Create, list and revoke API tokens."""


@token.command()
@click.option(
    "--name", required=True, help="What the token is for. A team's token appears as author by this name."
)
@click.option("--role", type=click.Choice([role.key for role in TEAM_ROLES]), help="Role of a team's token.")
@click.option("--team", help="Key of the team that the token is for.  [default: main]")
@click.option(
    "--user", "email", help="Email of a user, instead of --role: the token may do what the user may do."
)
@click.option("--site-admin", is_flag=True, help="Allow everything, for every team. Instead of --role.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="Limit what the token can do. May be repeated.  [default: all scopes]",
)
@click.option("--days", type=click.IntRange(1), help="Days until it expires.  [default: never]")
@with_app_for_writing
def create(
    *,
    name: str,
    role: str | None,
    team: str | None,
    email: str | None,
    site_admin: bool,
    scopes: tuple[str, ...],
    days: int | None,
) -> None:
    """Create a token and print it to standard output. It is shown only once."""
    if [role is not None, email is not None, site_admin].count(True) != 1:
        raise wrong_usage(Message("Use exactly one of --role, --user and --site-admin."))
    if site_admin and team is not None:
        raise wrong_usage(Message("With --site-admin, the token is for all teams. Omit --team."))
    from kb.services.accounts import tokens
    from kb.services.accounts.teams import MAIN_TEAM
    from kb.services.accounts.users import find_user

    lifetime = timedelta(days=days) if days else None
    token_scopes = [Scope(scope) for scope in scopes] or list(Scope)
    if email is not None:
        if team is not None:
            raise wrong_usage(Message("A user's token is for all of the user's teams. Omit --team."))
        created = tokens.create_user_token(find_user(email).id, name, scopes=token_scopes, lifetime=lifetime)
    else:
        token_role = Role.SITE_ADMIN if role is None else Role[role.upper()]
        created = tokens.create_team_token(
            name, token_role, team=team or MAIN_TEAM, scopes=token_scopes, lifetime=lifetime
        )
    say(Message("Token {id}, shown only now:", id=created.id))
    click.echo(created.secret)


@token.command(name="list")
@format_option
@with_app
def list_command(output_format: str) -> None:
    """List all tokens. Secrets are not stored."""
    from kb.services.accounts import tokens

    rows = tokens.list_tokens()
    if output_format == "text":
        rows = [{**row, "scopes": " ".join(row["scopes"])} for row in rows]
    print_rows(rows, output_format)


@token.command()
@click.argument("token_id", type=int)
@with_app_for_writing
def revoke(token_id: int) -> None:
    """Revoke the token with this id. It stops working at once."""
    from kb.services.accounts.token_revocation import revoke_token

    revoke_token(token_id)
    say(Message("Revoked token {id}.", id=token_id))
