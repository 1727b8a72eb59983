"""`kb db`: the database's tables."""

from __future__ import annotations

import click

from kb.cli.common import say, with_app


@click.group()
def db() -> None:
    """The database's tables."""


@db.command()
@with_app
def upgrade() -> None:
    """Bring the tables to this version (kb serve does it on each start)."""
    say("The database is up to date.")
