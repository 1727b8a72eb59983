"""`kb index`: the search index."""

from __future__ import annotations

import json

import click

from kb.cli.common import format_option, progress_bar, say, with_app
from kb.services import index_sync
from kb.services.health import readiness


@click.group()
def index() -> None:
    """The search index, which is derived from the database."""


@index.command()
@format_option
@with_app
def status(output_format: str) -> None:
    """Whether the index can be read, and how many changes it is behind. Exit code 1: it cannot."""
    state = readiness()
    if output_format == "json":
        click.echo(json.dumps(state, indent=2))
    elif state["index"]["ok"]:
        click.echo(f"The index is {state['index']['lag']} changes behind the database.")
    else:
        click.echo("The index cannot be used. Run: kb index rebuild")
    if not state["index"]["ok"]:
        raise SystemExit(1)


@index.command()
@with_app
def rebuild() -> None:
    """Build the index anew beside the old one, and swap it in."""
    with progress_bar("Indexing") as progress:
        index_sync.rebuild(timeout=60, progress=progress)
    say("The index is rebuilt.")
