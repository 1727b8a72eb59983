"""`kb seed`: load the taxonomy and the founding cases."""

from __future__ import annotations

import click

from kb.cli.common import progress_bar, with_app_for_creating
from kb.cli.language import say
from kb.messages import Message


@click.command()
@with_app_for_creating
def seed() -> None:
    """Load the taxonomy and the founding cases. Creates the knowledge base if there is none.

    Safe to repeat: incidents that people have edited are not overwritten.
    """
    from kb.services.operations import bootstrap

    with progress_bar(Message("Indexing")) as progress:
        report = bootstrap.prepare(progress=progress)
    say(
        Message(
            "Terms written: {terms}. Incidents added: {added}, updated: {updated}, kept: {kept}.",
            terms=report.terms_written,
            added=report.incidents_added,
            updated=report.incidents_updated,
            kept=report.incidents_unchanged,
        )
    )
