"""`kb team`: the teams that own incidents."""

from __future__ import annotations

import click

from kb.cli.common import format_option, print_rows, say, with_app
from kb.services import teams


@click.group()
def team() -> None:
    """Teams, the owners of incidents."""


@team.command()
@click.argument("key")
@click.option("--name", help="Its name in full.  [default: the key]")
@with_app
def create(key: str, name: str | None) -> None:
    """Add a team; KEY is a short name such as social-media."""
    teams.create_team(key, name)
    say(f"Team {key} is there.")


@team.command(name="list")
@format_option
@with_app
def list_command(output_format: str) -> None:
    """List all teams."""
    print_rows(teams.list_teams(), output_format)
