"""`kb db`: manage the database."""

from __future__ import annotations

import click

from kb.cli.common import say, with_app


@click.group()
def db() -> None:
    """Manage the database."""


@db.command()
@with_app
def upgrade() -> None:
    """Migrate the tables to this version. kb serve does this at each start."""
    # `with_app` has already migrated it: every command prepares the installation first.
    say("The database is up to date.")
