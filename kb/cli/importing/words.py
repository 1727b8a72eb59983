"""The messages of `kb import`: errors in files, the outcome, and likely duplicates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.cli.language import say, say_first
from kb.domain.language import LanguageSource
from kb.messages import Message, joined
from kb.services.exchange.imports.report import style_notes
from kb.services.exchange.repeated_errors import MAX_NAMED, line_ranges, repeated_errors
from kb.services.incidents.duplicates.likely import SAME_SOURCE, SAME_TIME, SIMILAR, SIMILAR_IN_TIME

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kb.services.exchange.imports.duplicates import LikelyDuplicate
    from kb.services.exchange.imports.importing import ImportReport
    from kb.services.exchange.imports.report import Note
    from kb.services.exchange.line_checks import CheckedFile, LineError
    from kb.services.exchange.repeated_errors import RepeatedError


_REASONS = {
    SIMILAR_IN_TIME: Message("similar text and time"),
    SAME_TIME: Message("same organization and time"),
    SAME_SOURCE: Message("same source"),
    SIMILAR: Message("similar text"),
}

_PLACES = {"line": Message("line {number}"), "item": Message("item {number}"), "row": Message("row {number}")}

_SEVERAL_PLACES = {
    "line": Message("lines {numbers}"),
    "item": Message("items {numbers}"),
    "row": Message("rows {numbers}"),
}

_NOTHING = {
    "line": Message("Nothing was imported: {skipped} of {total} lines are invalid."),
    "item": Message("Nothing was imported: {skipped} of {total} items are invalid."),
    "row": Message("Nothing was imported: {skipped} of {total} rows are invalid."),
    "document": Message("Nothing was imported: {skipped} of {total} documents are invalid."),
}
"""By unit, the message for invalid files."""


def say_problems(checked: CheckedFile) -> None:
    """Report errors, then assumptions and omissions, starting with those about the whole file."""
    _say_each(checked.errors, checked.unit)
    if checked.remarks:
        say(Message("What was assumed, left out or is missing:"))
        _say_each(sorted(checked.remarks, key=lambda each: each.line > 0), checked.unit)


def say_nothing_imported(checked: CheckedFile, skipped: int) -> None:
    """Report how many lines are invalid, so that none was imported."""
    say(_NOTHING[checked.unit].format(skipped=skipped, total=skipped + len(checked.lines)))


def say_outcome(checked: CheckedFile, done: ImportReport, skipped: int, *, dry_run: bool) -> None:
    """Report what was written, or would be."""
    _say_languages(done)
    _say_records(checked, done)
    _say_counts(done, skipped, dry_run=dry_run)


def say_duplicates(duplicates: Sequence[LikelyDuplicate], unit: str) -> None:
    """Report how many incidents may be duplicates of others, and which."""
    within = sum(duplicate.of_line is not None for duplicate in duplicates)
    say(
        Message(
            "Likely duplicates: {within} within the file, {others} of incidents that were there before.",
            within=within,
            others=len(duplicates) - within,
        )
    )
    say_first([_describe(duplicate, unit) for duplicate in duplicates])


def say_style_notes(checked: CheckedFile) -> None:
    """Report wording that does not belong in a blameless postmortem."""
    say_first([_describe_note(note, checked.unit) for note in style_notes(checked.lines)])


def _say_languages(done: ImportReport) -> None:
    """Report the languages that were detected or assumed."""
    for source, phrase in (
        (LanguageSource.DETECTED, Message("Languages detected: {listed}.")),
        (LanguageSource.ASSUMED, Message("Languages not certain, and taken from the team: {listed}.")),
    ):
        if counts := done.languages(source):
            say(phrase.format(listed=", ".join(f"{tag} ({count})" for tag, count in counts.items())))


def _say_records(checked: CheckedFile, done: ImportReport) -> None:
    """Report how the fields were treated that only exports and API responses have."""
    if checked.keeps_records:
        say(Message("Nobody has worked here yet: ids, authors, times and reviews are those of the export."))
        if done.hidden:
            say(Message("Hidden, since the export no longer shows them: {count}.", count=done.hidden))
    elif checked.ignored:
        say(Message("Read-only fields were ignored: {names}.", names=", ".join(checked.ignored)))
    if checked.withdrawn:
        say(Message("Withdrawn incidents were left out: {count}.", count=checked.withdrawn))
    if done.missing_originals:
        message = Message("Duplicates whose original is not in the file, and is no longer named: {count}.")
        say(message.format(count=done.missing_originals))


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


def _say_each(errors: Iterable[LineError], unit: str) -> None:
    """Report each different error or remark once, with all its lines."""
    say_first([_located(unit, each) for each in repeated_errors(errors, unit)])


def _located(unit: str, repeated: RepeatedError) -> Message:
    """Prefix an error or a remark with its locations: the lines or rows, the column, the pointer."""
    error = repeated.error
    if len(repeated.lines) > 1:
        place = _places(unit, repeated)
    else:
        place = _place(unit, error.line, error.file) if error.line else Message(error.file)
    column = Message("column “{name}”", name=error.column) if error.column else ""
    pointer = error.pointer or ("/" if error.line else "")
    return joined(filter(None, [place, column, pointer, error.detail]), ": ")


def _describe_note(note: Note, unit: str) -> Message:
    values = {name: note[name] for name in ("pointer", "passage", "detail")}
    place = _place(unit, note["line"], note["file"])
    return Message("{place}: {pointer}: “{passage}”: {detail}", place=place, **values)


def _describe(duplicate: LikelyDuplicate, unit: str) -> Message:
    return Message(
        "{incident} may be the same as {other}: {reasons}",
        incident=_named(unit, duplicate.line, duplicate.incident, duplicate.file),
        other=_named(unit, duplicate.of_line, duplicate.of_incident, duplicate.of_file),
        reasons=joined((_REASONS[reason] for reason in duplicate.reasons), ", "),
    )


def _named(unit: str, line: int | None, incident: int | None, file: str) -> Message:
    """Name an incident by its line and its id, as far as it has them."""
    if incident is None and line is not None:
        return _place(unit, line, file)
    name = Message("incident {incident}", incident=incident)
    if line is None:
        return name
    return Message("{place} ({incident})", place=_place(unit, line, file), incident=name)


def _places(unit: str, repeated: RepeatedError) -> Message:
    """The locations of several incidents with the same error in their file."""
    if unit == "document":
        return _and_more(repeated.files[:MAX_NAMED], len(repeated.files[MAX_NAMED:]))
    places = _SEVERAL_PLACES[unit].format(numbers=_and_more(*line_ranges(repeated.lines)))
    return (
        Message("{file}, {place}", file=repeated.error.file, place=places) if repeated.error.file else places
    )


def _and_more(named: Sequence[str], more: int) -> Message:
    listed = ", ".join(named)
    return Message("{listed} and {count} more", listed=listed, count=more) if more else Message(listed)


def _place(unit: str, number: int, file: str) -> Message:
    """The location of an incident in its file, with the file's name if there are several."""
    if unit == "document":
        return Message(file) if file else Message("document")
    place = _PLACES[unit].format(number=number)
    return Message("{file}, {place}", file=file, place=place) if file else place
