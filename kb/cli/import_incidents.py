"""`kb import`: import incidents from a JSON Lines file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kb.cli.common import format_option, progress_bar, say, with_app_for_writing
from kb.services.accounts.teams import MAIN_TEAM
from kb.services.exchange import jsonl
from kb.services.search import sync

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kb.services.exchange.jsonl import LineError

_MAX_ERRORS_SHOWN = 50


@click.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--team", default=MAIN_TEAM, show_default=True, help="Key of the team that will own the incidents."
)
@click.option("--skip-invalid", is_flag=True, help="Import the valid lines and skip the others.")
@format_option
@with_app_for_writing
def import_incidents(file: Path, team: str, skip_invalid: bool, output_format: str) -> None:
    """Import incidents from FILE, one JSON object per line.

    Each object is a body of POST /incidents. It may also have `external_id` (importing the same id again
    updates the incident) and `translations` ({"he": {"title": ..., ...}}). All lines are checked before the
    first is written. If any line is invalid, nothing is imported, unless --skip-invalid is set.
    Exit code 1: nothing was imported.
    """
    with progress_bar("Checking") as progress:
        lines, errors = jsonl.check_lines(_read(file, progress), team)
    _report(errors, output_format)
    invalid = len({error.line for error in errors})
    if errors and not skip_invalid:
        say(f"Nothing was imported: {invalid} of {invalid + len(lines)} lines are invalid.")
        raise SystemExit(1)
    with progress_bar("Writing") as progress:
        done = jsonl.write_lines(lines, team, progress)
    with progress_bar("Indexing") as progress:
        sync.ensure_current(timeout=600, progress=progress)
    say(f"Added: {done.added}, updated: {done.updated}, unchanged: {done.unchanged}, skipped: {invalid}.")


def _read(file: Path, progress: Callable[[int, int], None]) -> Iterator[bytes]:
    """Yield the lines of a file, and report how many of its bytes have been read."""
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
    for error in errors[:_MAX_ERRORS_SHOWN]:
        say(f"line {error.line}: {error.pointer or '/'}: {error.detail}")
    if len(errors) > _MAX_ERRORS_SHOWN:
        say(f"... and {len(errors) - _MAX_ERRORS_SHOWN} more (--format json prints all).")
