"""`kb import`: import incidents from a file."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kb.cli.common import format_option, progress_bar, with_app_for_writing
from kb.cli.language import say, say_some, spoken, wrong_usage
from kb.domain.language import LanguageSource
from kb.messages import Message, joined
from kb.services.exchange import jsonl
from kb.services.exchange.expected_duplicates import expected_duplicates
from kb.services.exchange.import_duplicates import find_duplicates
from kb.services.incidents.duplicates import SAME_SOURCE, SAME_TIME, SIMILAR, SIMILAR_IN_TIME
from kb.services.review.style_hints import style_hints
from kb.services.search import sync

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kb.services.exchange.import_duplicates import LikelyDuplicate
    from kb.services.exchange.jsonl import ImportReport
    from kb.services.exchange.line_checks import CheckedFile, Line

    Note = dict[str, Any]
    """A style hint, and the line that it is on."""

_REASONS = {
    SIMILAR_IN_TIME: Message("similar text and time"),
    SAME_TIME: Message("same organization and time"),
    SAME_SOURCE: Message("same source"),
    SIMILAR: Message("similar text"),
}


@click.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
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
@format_option
@with_app_for_writing
def import_incidents(
    file: Path, team: str | None, *, skip_invalid: bool, mirror: bool, dry_run: bool, output_format: str
) -> None:
    """Import incidents from FILE: one JSON object per line, or a JSON array of objects.

    FILE may be - for standard input. Each object is a body of POST /incidents. It may also have
    `external_id` (importing the same id again updates the incident) and `translations`
    ({"he": {"title": ..., ...}}). All lines are checked before the first is written. If any is invalid,
    nothing is imported, unless --skip-invalid is set. Likely duplicates are imported and reported.
    With --dry-run, all of this is done, undone and reported, with hints on the texts.
    Exit code 1: nothing was imported, or would be.

    FILE may also be what kb export or GET /incidents/{id} gives. Into a knowledge base in which nobody has
    worked yet, an export is imported as it is, with ids, authors, times and reviews; elsewhere, its incidents
    are new ones. With --mirror, later exports of the same knowledge base bring what has changed.
    """
    if mirror and team is not None:
        raise wrong_usage(Message("A mirror has the teams of the export: leave out --team or --mirror."))
    with progress_bar(Message("Checking")) as progress:
        checked = jsonl.check_lines(_read(file, progress), team, mirror=mirror)
    if output_format == "text":
        _say_errors(checked)
    skipped = len({error.line for error in checked.errors})
    if checked.errors and not skip_invalid:
        if output_format == "json":
            notes = _notes(checked.lines) if dry_run else None
            _print_json(checked, jsonl.ImportReport([], 0, 0), skipped, (), notes)
        total = skipped + len(checked.lines)
        lines = Message("Nothing was imported: {skipped} of {total} lines are invalid.")
        items = Message("Nothing was imported: {skipped} of {total} items are invalid.")
        say((lines if checked.unit == "line" else items).format(skipped=skipped, total=total))
        raise SystemExit(1)
    with progress_bar(Message("Writing")) as progress:
        done = jsonl.write_checked(checked, team, progress, dry_run=dry_run)
    _say_languages(done)
    _say_records(checked, done)
    # What follows may be interrupted: the incidents are there.
    _say_counts(done, skipped, dry_run=dry_run)
    with progress_bar(Message("Indexing")) as progress:
        sync.ensure_current(timeout=600, progress=progress)
    find = expected_duplicates if dry_run else find_duplicates
    with progress_bar(Message("Looking for duplicates")) as progress:
        duplicates = find(done.added, progress)
    notes = _notes(checked.lines) if dry_run else None
    if output_format == "json":
        _print_json(checked, done, skipped, duplicates, notes)
        return
    _say_duplicates(duplicates, checked.unit)
    if notes:
        say_some([_describe_note(note, checked.unit) for note in notes])


def _notes(lines: Sequence[Line]) -> list[Note]:
    """The style hints on the texts of lines."""
    return [
        {"line": line.number, **hint}
        for line in lines
        for hint in style_hints(line.data, line.data["organization"], line.data["language"])
    ]


def _describe_note(note: Note, unit: str) -> Message:
    values = {name: note[name] for name in ("pointer", "passage", "detail")}
    return Message("{place}: {pointer}: “{passage}”: {detail}", place=_place(unit, note["line"]), **values)


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


def _read(file: Path, progress: Callable[[int, int], None]) -> Iterator[bytes]:
    """Yield the lines of a file, and report how many of its bytes have been read, if its size is known."""
    if str(file) == "-":
        yield from sys.stdin.buffer
        return
    size, read = file.stat().st_size, 0
    with file.open("rb") as stream:
        for line in stream:
            yield line
            read += len(line)
            if size:  # not of a pipe
                progress(read, size)


def _say_errors(checked: CheckedFile) -> None:
    say_some(
        [
            f"{spoken(_place(checked.unit, error.line))}: {error.pointer or '/'}: {spoken(error.detail)}"
            for error in checked.errors
        ]
    )


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
        incident=_named(unit, duplicate.line, duplicate.incident),
        other=_named(unit, duplicate.of_line, duplicate.of_incident),
        reasons=joined((_REASONS[reason] for reason in duplicate.reasons), ", "),
    )


def _named(unit: str, line: int | None, incident: int | None) -> Message:
    """An incident by the line that brings it and by its id, as far as it has them."""
    if incident is None and line is not None:
        return _place(unit, line)
    name = Message("incident {incident}", incident=incident)
    return name if line is None else Message("{place} ({incident})", place=_place(unit, line), incident=name)


def _place(unit: str, number: int) -> Message:
    """Where in the file an incident is."""
    place = Message("line {number}") if unit == "line" else Message("item {number}")
    return place.format(number=number)


def _print_json(
    checked: CheckedFile,
    done: ImportReport,
    skipped: int,
    duplicates: Sequence[LikelyDuplicate],
    notes: list[Note] | None,
) -> None:
    """Print the report; `notes` are those of a dry run."""
    report = {
        "added": len(done.added) + done.kept,
        "updated": done.updated,
        "unchanged": done.unchanged,
        "skipped": skipped,
        "keeps_records": checked.keeps_records,
        "ignored": [*checked.ignored],
        "withdrawn": checked.withdrawn,
        "missing_originals": done.missing_originals,
        "hidden": done.hidden,
        "languages_detected": done.languages(LanguageSource.DETECTED),
        "languages_assumed": done.languages(LanguageSource.ASSUMED),
        "errors": [error._asdict() for error in checked.errors],
        "duplicates": [duplicate._asdict() for duplicate in duplicates],
        **({} if notes is None else {"dry_run": True, "notes": notes}),
    }
    click.echo(json.dumps(report, ensure_ascii=False, indent=2))
