"""`kb import`: import incidents from files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kb.cli.common import format_option, progress_bar, with_app_for_writing
from kb.cli.import_files import ImportFiles, files_of, guessed, mapping_of
from kb.cli.import_words import (
    say_duplicates,
    say_nothing_imported,
    say_outcome,
    say_problems,
    say_style_notes,
)
from kb.cli.language import failure, say, wrong_usage
from kb.messages import Message
from kb.services.exchange import jsonl
from kb.services.exchange.expected_duplicates import expected_duplicates
from kb.services.exchange.import_duplicates import find_duplicates
from kb.services.exchange.import_report import import_report, style_notes
from kb.services.exchange.line_checks import skipped_lines
from kb.services.exchange.repeated_imports import imported_before, without_external_id
from kb.services.infrastructure.process_identity import account_and_machine
from kb.services.search import sync

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.services.exchange.import_duplicates import LikelyDuplicate
    from kb.services.exchange.line_checks import CheckedFile


@click.command(name="import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, allow_dash=True, path_type=Path)
)
@click.option(
    "--team",
    help="Key of the team that will own the incidents.  "
    "[default: main, or those of an export, where there are no others yet]",
)
@click.option("--skip-invalid", is_flag=True, help="Import the valid lines and skip the others.")
@click.option(
    "--mirror",
    is_flag=True,
    help="FILE is of kb export, also with --since: incidents are replaced by what it says of them.",
)
@click.option("--dry-run", is_flag=True, help="Import nothing, and say what an import would do.")
@click.option("--again", is_flag=True, help="Import files that were imported before, also if that doubles.")
@click.option(
    "--mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML file that says what columns and words of foreign files mean.",
)
@click.option("--encoding", help="Encoding of the files, such as windows-1255.  [default: detected]")
@click.option(
    "--guess-mapping",
    "guess",
    is_flag=True,
    help="Import nothing, and print a mapping for FILE to start from.",
)
@format_option
@with_app_for_writing
def import_incidents(
    *,
    files: tuple[Path, ...],
    team: str | None,
    skip_invalid: bool,
    mirror: bool,
    dry_run: bool,
    again: bool,
    mapping: Path | None,
    encoding: str | None,
    guess: bool,
    output_format: str,
) -> None:
    """Import incidents from FILES: JSON, tables (CSV or XLSX), Markdown with front matter.

    A file may be - for standard input; of a folder or a ZIP file, the Markdown documents are read. In JSON,
    one object per line or an array of objects, each is a body of POST /incidents. It may also have
    `external_id` (importing the same id again updates the incident) and `translations`
    ({"he": {"title": ..., ...}}). A table that is no export needs a --mapping; --guess-mapping prints one.
    All is checked before the first incident is written. If any is invalid, nothing is imported, unless
    --skip-invalid is set. Likely duplicates are imported and reported. With --dry-run, all of this is done,
    undone and reported, with hints on the texts. Exit code 1: nothing was imported, or would be.

    A file may also be what kb export or GET /incidents/{id} gives. Into a knowledge base in which nobody has
    worked yet, an export in JSON is imported as it is, with ids, authors, times and reviews; elsewhere, its
    incidents are new ones. With --mirror, later exports of the same knowledge base bring what has changed.
    """
    if mirror and team is not None:
        raise wrong_usage(Message("A mirror has the teams of the export: leave out --team or --mirror."))
    found = files_of(files)
    if guess:
        click.echo(guessed(found[0], encoding), nl=False)
        return
    checked = _check(ImportFiles(found, encoding, mapping_of(mapping) if mapping else None), team, mirror)
    skipped = skipped_lines(checked)
    if output_format == "text":
        say_problems(checked)
    if checked.errors and not skip_invalid:
        if output_format == "json":
            _print_json(checked, jsonl.ImportReport([], 0, 0), skipped, (), dry_run=dry_run)
        say_nothing_imported(checked, skipped)
        raise SystemExit(1)
    if not again:
        _refuse_repetition(checked, team, dry_run=dry_run)
    with progress_bar(Message("Writing")) as progress:
        done = jsonl.write_checked(checked, team, progress, dry_run=dry_run, origin=_origin(files, mirror))
    # The rest may be interrupted, since the incidents are stored.
    say_outcome(checked, done, skipped, dry_run=dry_run)
    duplicates = _find_duplicates(done, dry_run=dry_run)
    if output_format == "json":
        _print_json(checked, done, skipped, duplicates, dry_run=dry_run)
        return
    say_duplicates(duplicates, checked.unit)
    if dry_run:
        say_style_notes(checked)


def _check(source: ImportFiles, team: str | None, mirror: bool) -> CheckedFile:
    with progress_bar(Message("Checking")) as progress:
        checked = jsonl.check_entries(source.entries(progress), team, mirror=mirror)
    return checked._replace(digest=source.digest.value())


def _refuse_repetition(checked: CheckedFile, team: str | None, *, dry_run: bool) -> None:
    """Fail if the files were imported before and incidents would be duplicated; a dry run only says so."""
    before = imported_before(checked, team)
    if before is None:
        return
    detail = Message(
        "The same was imported at {at} already, and what has no external id would be there twice: {count} "
        "incidents. Import it once more with --again.",
        at=before.isoformat(" ", "minutes"),
        count=without_external_id(checked),
    )
    if not dry_run:
        raise failure(detail)
    say(detail)


def _find_duplicates(done: jsonl.ImportReport, *, dry_run: bool) -> Sequence[LikelyDuplicate]:
    """Index the added incidents, and find their likely duplicates."""
    with progress_bar(Message("Indexing")) as progress:
        sync.ensure_current(timeout=600, progress=progress)
    find = expected_duplicates if dry_run else find_duplicates
    with progress_bar(Message("Looking for duplicates")) as progress:
        return find(done.added, progress)


def _origin(files: Sequence[Path], mirror: bool) -> dict[str, object]:
    """The details of an import by command for the audit log: the files, and who runs it where."""
    names = ", ".join(map(str, files))
    return {"file": names[:500], "mirror": mirror or None, "run_by": account_and_machine()}


def _print_json(
    checked: CheckedFile,
    done: jsonl.ImportReport,
    skipped: int,
    duplicates: Sequence[LikelyDuplicate],
    *,
    dry_run: bool,
) -> None:
    notes = style_notes(checked.lines) if dry_run else None
    report = import_report(checked, done, skipped, duplicates, notes)
    click.echo(json.dumps(report, ensure_ascii=False, indent=2))
