"""`kb seed`: the taxonomy and the founding cases."""

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

    A second run changes nothing, and what people have edited stays as they left it.
    """
    done = seeding.seed(seeds_dir())
    with progress_bar("Indexing") as progress:
        follow = sync.rebuild if done.terms_written else sync.ensure
        follow(timeout=60, progress=progress)
    say(
        f"Terms written: {done.terms_written}. Incidents added: {done.incidents_added}, "
        f"updated: {done.incidents_updated}, kept: {done.incidents_unchanged}."
    )
