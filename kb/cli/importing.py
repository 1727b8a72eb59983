"""`kb import`: incidents from JSON lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kb.cli.common import format_option, progress_bar, say, with_app
from kb.services.accounts.teams import MAIN_TEAM
from kb.services.exchange import jsonl
from kb.services.search import sync

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kb.services.exchange.jsonl import LineError

_MAX_SHOWN = 50


@click.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--team", default=MAIN_TEAM, show_default=True, help="Key of the team that will own them.")
@click.option("--skip-invalid", is_flag=True, help="Import the good lines and leave out the others.")
@format_option
@with_app
def import_command(file: Path, team: str, skip_invalid: bool, output_format: str) -> None:
    """Import incidents from FILE, one JSON object a line.

    Each is as POST /incidents takes it; it may also have `external_id` (the same one again updates) and
    `translations` ({"he": {"title": ..., ...}}). All lines are checked before the first is written; if one is
    bad, nothing is imported, unless --skip-invalid says so. Exit code 1: nothing was imported.
    """
    with progress_bar("Checking") as progress:
        lines, errors = jsonl.check_lines(_read(file, progress), team)
    _report(errors, output_format)
    bad = len({error.line for error in errors})
    if errors and not skip_invalid:
        say(f"Nothing was imported: {bad} of {bad + len(lines)} lines are not valid.")
        raise SystemExit(1)
    with progress_bar("Writing") as progress:
        done = jsonl.write_lines(lines, team, progress)
    with progress_bar("Indexing") as progress:
        sync.ensure(timeout=600, progress=progress)
    say(f"Added: {done.added}, updated: {done.updated}, unchanged: {done.unchanged}, skipped: {bad}.")


def _read(file: Path, progress: Callable[[int, int], None]) -> Iterator[bytes]:
    """The lines of a file; `progress` is told how many of its bytes have been read."""
    size, read = file.stat().st_size, 0
    with file.open("rb") as stream:
        for line in stream:
            yield line
            read += len(line)
            progress(read, size)


def _report(errors: list[LineError], output_format: str) -> None:
    if output_format == "json":
        click.echo(json.dumps([error._asdict() for error in errors], ensure_ascii=False, indent=2))
        return
    for error in errors[:_MAX_SHOWN]:
        say(f"line {error.line}: {error.pointer or '/'}: {error.detail}")
    if len(errors) > _MAX_SHOWN:
        say(f"... and {len(errors) - _MAX_SHOWN} more (--format json prints all).")
