"""Run `kb import`: check the files, import them, and report what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kb.cli.common import print_json, progress_bar
from kb.cli.importing.files import ImportFiles, expand_folders, guessed_mapping, read_mapping_file
from kb.cli.importing.words import (
    say_duplicates,
    say_nothing_imported,
    say_outcome,
    say_problems,
    say_style_notes,
)
from kb.cli.language import failure, say
from kb.messages import Message
from kb.services.exchange.imports import importing
from kb.services.exchange.imports.duplicates import find_duplicates
from kb.services.exchange.imports.expected_duplicates import expected_duplicates
from kb.services.exchange.imports.repeated_imports import imported_before, without_external_id
from kb.services.exchange.imports.report import import_report, style_notes
from kb.services.exchange.line_checks import skipped_lines
from kb.services.infrastructure.process_identity import account_and_machine
from kb.services.search import sync

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kb.services.exchange.imports.duplicates import LikelyDuplicate
    from kb.services.exchange.line_checks import CheckedFile


def run_import(
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
    """Import incidents as the options of the command say. Raises ClickException."""
    found = expand_folders(files)
    if guess:
        click.echo(guessed_mapping(found[0], encoding), nl=False)
        return
    checked = _check(
        ImportFiles(found, encoding, read_mapping_file(mapping) if mapping else None), team, mirror
    )
    skipped = skipped_lines(checked)
    if output_format == "text":
        say_problems(checked)
    if checked.errors and not skip_invalid:
        if output_format == "json":
            _print_json(checked, importing.ImportReport([], 0, 0), skipped, (), dry_run=dry_run)
        say_nothing_imported(checked, skipped)
        raise SystemExit(1)
    if not again:
        _refuse_repetition(checked, team, dry_run=dry_run)
    with progress_bar(Message("Writing")) as progress:
        done = importing.write_checked(
            checked, team, progress, dry_run=dry_run, origin=_origin(files, mirror)
        )
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
        checked = importing.check_entries(source.entries(progress), team, mirror=mirror)
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


def _find_duplicates(done: importing.ImportReport, *, dry_run: bool) -> Sequence[LikelyDuplicate]:
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
    done: importing.ImportReport,
    skipped: int,
    duplicates: Sequence[LikelyDuplicate],
    *,
    dry_run: bool,
) -> None:
    notes = style_notes(checked.lines) if dry_run else None
    report = import_report(checked, done, skipped, duplicates, notes)
    print_json(report)
