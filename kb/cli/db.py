"""`kb db`: manage the database."""

from __future__ import annotations

import click

from kb.cli.common import progress_bar, with_app_for_creating
from kb.cli.language import say
from kb.messages import Message


@click.group()
def db() -> None:
    """Manage the database."""


@db.command()
@with_app_for_creating
def upgrade() -> None:
    """Create the knowledge base, or migrate its tables to this version. kb serve does this at each start."""
    from kb.services.operations import bootstrap

    with progress_bar(Message("Indexing")) as progress:
        bootstrap.prepare(say, progress)
    say(Message("The database is up to date."))
