"""`kb import`: import incidents from files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kb.cli.common import format_option, progress_bar, with_app_for_writing
from kb.cli.import_files import ImportFiles, files_of, guessed, mapping_of
from kb.cli.language import failure, say, say_some, wrong_usage
from kb.domain.language import LanguageSource
from kb.messages import Message, joined
from kb.services.exchange import jsonl
from kb.services.exchange.expected_duplicates import expected_duplicates
from kb.services.exchange.import_duplicates import find_duplicates
from kb.services.exchange.import_report import import_report, style_notes
from kb.services.exchange.line_checks import skipped_lines
from kb.services.exchange.repeated_imports import imported_before, without_external_id
from kb.services.incidents.duplicates import SAME_SOURCE, SAME_TIME, SIMILAR, SIMILAR_IN_TIME
from kb.services.infrastructure.process_identity import account_and_machine
from kb.services.search import sync

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.services.exchange.import_duplicates import LikelyDuplicate
    from kb.services.exchange.import_report import Note
    from kb.services.exchange.jsonl import ImportReport
    from kb.services.exchange.line_checks import CheckedFile, LineError


_REASONS = {
    SIMILAR_IN_TIME: Message("similar text and time"),
    SAME_TIME: Message("same organization and time"),
    SAME_SOURCE: Message("same source"),
    SIMILAR: Message("similar text"),
}

_PLACES = {"line": Message("line {number}"), "item": Message("item {number}"), "row": Message("row {number}")}

_BEFORE = Message(
    "The same was imported at {at} already, and what has no external id would be there twice: {count} "
    "incidents. Import it once more with --again."
)

_NOTHING = {
    "line": Message("Nothing was imported: {skipped} of {total} lines are invalid."),
    "item": Message("Nothing was imported: {skipped} of {total} items are invalid."),
    "row": Message("Nothing was imported: {skipped} of {total} rows are invalid."),
    "document": Message("Nothing was imported: {skipped} of {total} documents are invalid."),
}
"""What is counted, by its unit: the places, and what is said where something is invalid."""


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
    read_as = None if mapping is None else mapping_of(mapping)
    source = ImportFiles(found, encoding, read_as)
    with progress_bar(Message("Checking")) as progress:
        checked = jsonl.check_entries(source.entries(progress), team, mirror=mirror)
    checked = checked._replace(digest=source.digest.value())
    if output_format == "text":
        _say_errors(checked)
        _say_remarks(checked)
    skipped = skipped_lines(checked)
    if checked.errors and not skip_invalid:
        if output_format == "json":
            notes = style_notes(checked.lines) if dry_run else None
            _print_json(checked, jsonl.ImportReport([], 0, 0), skipped, (), notes)
        total = skipped + len(checked.lines)
        say(_NOTHING[checked.unit].format(skipped=skipped, total=total))
        raise SystemExit(1)
    if not again and (before := imported_before(checked, team)) is not None:
        detail = _BEFORE.format(at=before.isoformat(" ", "minutes"), count=without_external_id(checked))
        if not dry_run:
            raise failure(detail)
        say(detail)
    with progress_bar(Message("Writing")) as progress:
        done = jsonl.write_checked(checked, team, progress, dry_run=dry_run, origin=_origin(files, mirror))
    _say_languages(done)
    _say_records(checked, done)
    # What follows may be interrupted: the incidents are there.
    _say_counts(done, skipped, dry_run=dry_run)
    with progress_bar(Message("Indexing")) as progress:
        sync.ensure_current(timeout=600, progress=progress)
    find = expected_duplicates if dry_run else find_duplicates
    with progress_bar(Message("Looking for duplicates")) as progress:
        duplicates = find(done.added, progress)
    notes = style_notes(checked.lines) if dry_run else None
    if output_format == "json":
        _print_json(checked, done, skipped, duplicates, notes)
        return
    _say_duplicates(duplicates, checked.unit)
    if notes:
        say_some([_describe_note(note, checked.unit) for note in notes])


def _origin(files: Sequence[Path], mirror: bool) -> dict[str, object]:
    """What the audit log keeps of an import by command: which files, and who runs it where."""
    names = ", ".join(map(str, files))
    return {"file": names[:500], "mirror": mirror or None, "run_by": account_and_machine()}


def _describe_note(note: Note, unit: str) -> Message:
    values = {name: note[name] for name in ("pointer", "passage", "detail")}
    place = _place(unit, note["line"], note["file"])
    return Message("{place}: {pointer}: “{passage}”: {detail}", place=place, **values)


def _say_counts(done: ImportReport, skipped: int, *, dry_run: bool) -> None:
    did = Message("Added: {added}, updated: {updated}, unchanged: {unchanged}, skipped: {skipped}.")
    if dry_run:
        did = Message(
            "Nothing was imported. An import would add {added}, update {updated}, leave {unchanged} "
            "unchanged and skip {skipped}."
        )
    say(
        did.format(
            added=len(done.added) + done.kept, updated=done.updated, unchanged=done.unchanged, skipped=skipped
        )
    )


def _say_errors(checked: CheckedFile) -> None:
    say_some([_located(checked.unit, error) for error in checked.errors])


def _say_remarks(checked: CheckedFile) -> None:
    """Say what was assumed or left out: of the whole file first."""
    if checked.remarks:
        say(Message("What was assumed, left out or is missing:"))
        say_some(
            [_located(checked.unit, each) for each in sorted(checked.remarks, key=lambda each: each.line > 0)]
        )


def _located(unit: str, error: LineError) -> Message:
    """An error or a remark with its place: the line or row, the column, the pointer."""
    place = _place(unit, error.line, error.file) if error.line else Message(error.file)
    column = Message("column “{name}”", name=error.column) if error.column else ""
    pointer = error.pointer or ("/" if error.line else "")
    return joined(filter(None, [place, column, pointer, error.detail]), ": ")


def _say_languages(done: ImportReport) -> None:
    """Say which languages nobody has named."""
    for source, phrase in (
        (LanguageSource.DETECTED, Message("Languages detected: {listed}.")),
        (LanguageSource.ASSUMED, Message("Languages not certain, and taken from the team: {listed}.")),
    ):
        if counts := done.languages(source):
            say(phrase.format(listed=", ".join(f"{tag} ({count})" for tag, count in counts.items())))


def _say_records(checked: CheckedFile, done: ImportReport) -> None:
    """Say what was done with what only exports and answers of the API have."""
    if checked.keeps_records:
        say(Message("Nobody has worked here yet: ids, authors, times and reviews are those of the export."))
        if done.hidden:
            say(Message("Hidden, since the export no longer shows them: {count}.", count=done.hidden))
    elif checked.ignored:
        say(Message("Read-only fields were ignored: {names}.", names=", ".join(checked.ignored)))
    if checked.withdrawn:
        say(Message("Withdrawn incidents were left out: {count}.", count=checked.withdrawn))
    if done.missing_originals:
        said = Message("Duplicates whose original is not in the file, and is no longer named: {count}.")
        say(said.format(count=done.missing_originals))


def _say_duplicates(duplicates: Sequence[LikelyDuplicate], unit: str) -> None:
    within = sum(duplicate.of_line is not None for duplicate in duplicates)
    say(
        Message(
            "Likely duplicates: {within} within the file, {others} of incidents that were there before.",
            within=within,
            others=len(duplicates) - within,
        )
    )
    say_some([_describe(duplicate, unit) for duplicate in duplicates])


def _describe(duplicate: LikelyDuplicate, unit: str) -> Message:
    return Message(
        "{incident} may be the same as {other}: {reasons}",
        incident=_named(unit, duplicate.line, duplicate.incident, duplicate.file),
        other=_named(unit, duplicate.of_line, duplicate.of_incident, duplicate.of_file),
        reasons=joined((_REASONS[reason] for reason in duplicate.reasons), ", "),
    )


def _named(unit: str, line: int | None, incident: int | None, file: str) -> Message:
    """An incident by the line that brings it and by its id, as far as it has them."""
    if incident is None and line is not None:
        return _place(unit, line, file)
    name = Message("incident {incident}", incident=incident)
    if line is None:
        return name
    return Message("{place} ({incident})", place=_place(unit, line, file), incident=name)


def _place(unit: str, number: int, file: str) -> Message:
    """Where in its file an incident is, with the file where there are several."""
    if unit == "document":
        return Message(file) if file else Message("document")
    place = _PLACES[unit].format(number=number)
    return Message("{file}, {place}", file=file, place=place) if file else place


def _print_json(
    checked: CheckedFile,
    done: ImportReport,
    skipped: int,
    duplicates: Sequence[LikelyDuplicate],
    notes: list[Note] | None,
) -> None:
    """Print the report; `notes` are those of a dry run."""
    report = import_report(checked, done, skipped, duplicates, notes)
    click.echo(json.dumps(report, ensure_ascii=False, indent=2))
