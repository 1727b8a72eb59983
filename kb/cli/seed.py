"""`kb seed`: load the taxonomy and the founding cases."""

from __future__ import annotations

import click

from kb.cli.common import progress_bar, say, with_app_for_creating
from kb.services.operations import bootstrap


@click.command()
@with_app_for_creating
def seed() -> None:
    """Load the taxonomy and the founding cases. Creates the knowledge base if there is none.

    Safe to repeat: incidents that people have edited are not overwritten.
    """
    with progress_bar("Indexing") as progress:
        report = bootstrap.prepare(progress=progress)
    say(
        f"Terms written: {report.terms_written}. Incidents added: {report.incidents_added}, "
        f"updated: {report.incidents_updated}, kept: {report.incidents_unchanged}."
    )
