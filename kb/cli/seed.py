"""`kb seed`: load the taxonomy and the founding cases."""

from __future__ import annotations

import click

from kb.cli.common import progress_bar, say, with_app
from kb.config import seeds_dir
from kb.services.operations import seeding
from kb.services.search import sync


@click.command()
@with_app
def seed() -> None:
    """Load the taxonomy and the founding cases.

    Safe to repeat: incidents that people have edited are not overwritten.
    """
    done = seeding.seed(seeds_dir())
    with progress_bar("Indexing") as progress:
        update_index = sync.rebuild if done.terms_written else sync.ensure_current
        update_index(timeout=60, progress=progress)
    say(
        f"Terms written: {done.terms_written}. Incidents added: {done.incidents_added}, "
        f"updated: {done.incidents_updated}, kept: {done.incidents_unchanged}."
    )
