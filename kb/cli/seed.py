"""`kb seed`: load the taxonomy and the founding cases."""

from __future__ import annotations

import click

from kb.cli.common import progress_bar, say, with_app
from kb.config import seeds_dir
from kb.services.operations import seeding


@click.command()
@with_app
def seed() -> None:
    """Load the taxonomy and the founding cases.

    Safe to repeat: incidents that people have edited are not overwritten.
    """
    report = seeding.seed(seeds_dir())
    with progress_bar("Indexing") as progress:
        seeding.update_index(report, timeout=60, progress=progress)
    say(
        f"Terms written: {report.terms_written}. Incidents added: {report.incidents_added}, "
        f"updated: {report.incidents_updated}, kept: {report.incidents_unchanged}."
    )
