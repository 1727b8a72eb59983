"""`kb index`: check and rebuild the search index."""

from __future__ import annotations

import json

import click

from kb.cli.common import format_option, progress_bar, say, with_app, with_app_for_writing
from kb.search.engine import IndexUnusableError
from kb.services.infrastructure.runtime import engine
from kb.services.operations.health import readiness
from kb.services.search import sync
from kb.services.search.verification import verify as compare

CONCEPTS_CHANGED = "The concepts have changed since the incidents were indexed"

_MAX_IDS_SHOWN = 20
"""Ids listed for each kind of difference."""


@click.group()
def index() -> None:
    """Check and rebuild the search index. It is derived from the database."""


@index.command()
@format_option
@with_app
def status(output_format: str) -> None:
    """Show whether the index is readable, its size and its lag. Exit code 1: it is not readable."""
    state = readiness()
    if state["index"]["ok"]:
        state["index"] |= {**engine().status(), "concepts_changed": not sync.has_current_concepts()}
    if output_format == "json":
        click.echo(json.dumps(state, indent=2))
    elif state["index"]["ok"]:
        facts = state["index"]
        click.echo(f"The index is {facts['lag']} changes behind the database.")
        parts = [f"{facts['documents']} incidents in {', '.join(facts['languages']) or 'no language'}"]
        if "segments" in facts:
            parts.append(f"{facts['segments']} segments")
        if "bytes" in facts:
            parts.append(f"{facts['bytes'] / 1e6:.1f} MB")
        click.echo(f"{', '.join(parts)}.")
        if facts["concepts_changed"]:
            click.echo(f"{CONCEPTS_CHANGED}. Run: kb index rebuild")
    else:
        click.echo("The index cannot be used. Run: kb index rebuild")
    if not state["index"]["ok"]:
        raise SystemExit(1)


@index.command()
@with_app_for_writing
def rebuild() -> None:
    """Build a new index beside the old one, then replace it."""
    with progress_bar("Indexing") as progress:
        sync.rebuild(timeout=60, progress=progress)
    say("The index has been rebuilt.")


@index.command()
@format_option
@with_app
def verify(output_format: str) -> None:
    """Compare the index with the database. Exit code 1: they differ, or the index is damaged."""
    try:
        with progress_bar("Comparing") as progress:
            result = compare(timeout=60, progress=progress)
    except IndexUnusableError as error:
        raise click.ClickException(f"{error} Run: kb index rebuild") from error
    if output_format == "json":
        click.echo(json.dumps({"equal": result.equal, **result._asdict()}, indent=2))
    else:
        click.echo(f"{result.documents} incidents compared.")
        for name in ("missing", "different", "extra"):
            ids = getattr(result, name)
            if ids:
                more = " ..." if len(ids) > _MAX_IDS_SHOWN else ""
                click.echo(f"{len(ids)} {name}: {', '.join(map(str, ids[:_MAX_IDS_SHOWN]))}{more}")
        click.echo("The index matches the database." if result.equal else "Run: kb index rebuild")
    if not result.equal:
        raise SystemExit(1)
