"""Check the lines of an import against the schema, the taxonomy, each other and the database."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from marshmallow import ValidationError
from sqlalchemy import select

from kb.domain.incident import Status
from kb.domain.language import LanguageSource
from kb.errors import Conflict, FieldError, InvalidInput
from kb.messages import Message, joined, message_of
from kb.models import Incident, Team, db
from kb.schemas.incident_input import IncidentImportSchema
from kb.schemas.pointers import field_errors
from kb.services.accounts.teams import team_language
from kb.services.exchange.entry_errors import content_errors, unknown_terms
from kb.services.exchange.importable import importable
from kb.services.incidents.content.guard_checks import GuardTrials, with_checked_guards
from kb.services.incidents.content.slugs import free_slug, slug_base
from kb.services.incidents.filing.language_detection import with_language
from kb.services.infrastructure.processes import in_processes
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kb.services.exchange.entries import Entry


_CHUNK_SIZE = 100
"""How many lines a process gets at a time."""


class LineError(NamedTuple):
    """An error in a line, or a remark on one; lines, or other units, count from 1.

    `column` is the column of a table that the value is from, `file` the file. A `line` of 0 means the whole
    file.
    """

    line: int
    pointer: str
    detail: str
    column: str | None = None
    file: str = ""


class Line(NamedTuple):
    """A valid line, with its validated data, and the source of the language of its texts.

    `record` has the data of an export's line beyond the content, if it is to be kept.
    """

    number: int
    data: dict[str, Any]
    language_source: LanguageSource = LanguageSource.GIVEN
    record: Mapping[str, Any] | None = None
    file: str = ""


class CheckedFile(NamedTuple):
    """The valid lines of a file, and the errors in the others.

    `unit` is what is counted, "line" or "item". `ignored` lists the read-only fields found in lines;
    `withdrawn` counts withdrawn incidents, which were skipped. With `keeps_records`, the lines come from an
    export and keep their ids, authors, times and reviews, and `gone` has the ids of incidents that the export
    no longer shows to its reader. `remarks` note assumptions, omissions and gaps that are not errors;
    `digest` is the digest of the files, if known.
    """

    lines: list[Line]
    errors: list[LineError]
    unit: str
    ignored: Sequence[str] = ()
    withdrawn: int = 0
    keeps_records: bool = False
    remarks: Sequence[LineError] = ()
    digest: str | None = None
    gone: Sequence[int] = ()


def skipped_lines(checked: CheckedFile) -> int:
    """The number of invalid lines in a file."""
    return len({(error.file, error.line) for error in checked.errors})


@contextmanager
def error_context(line: Line) -> Iterator[None]:
    """Put the number of a line into the errors that the block raises."""
    try:
        yield
    except (InvalidInput, Conflict) as error:
        named = [joined([each.pointer, each.detail], ": ") for each in error.errors]
        reason = joined(named, "; ") if named else message_of(error)
        raise Conflict(
            Message("line {number}: {reason}", number=line.number, reason=reason), error.errors
        ) from error


class ReadLine(NamedTuple):
    """The result of checking a line by itself: its data, or its errors.

    `entry` is its entry, without the value. `detected` has the data with the detected language, or the error
    if that contradicts the line. `gone` is the id of an incident that an export no longer shows.
    """

    line: Line
    entry: Entry
    errors: Sequence[FieldError] = ()
    ignored: frozenset[str] = frozenset()
    detected: tuple[dict[str, Any], LanguageSource] | InvalidInput | None = None
    is_left_out: bool = False
    gone: int | None = None


class LineChecker:
    """Collects the valid lines, and the errors in the others, for an import into a team."""

    keeps_records = False

    def __init__(self, team: Team) -> None:
        self.terms = TermLookup(attached=False)
        self._lines: list[Line] = []
        self._errors: list[LineError] = []
        self._ignored: set[str] = set()
        self._unit = "line"
        self._withdrawn = 0
        self._remarks: list[LineError] = []
        self._schema = IncidentImportSchema()
        self._trials = GuardTrials()
        self._language = team_language(team.id)
        columns = (Incident.slug, Incident.external_id, Incident.language, Incident.team_id)
        stored = db.session.execute(select(*columns)).all()
        self._slugs = {row.slug for row in stored if row.team_id == team.id}
        self._identities = {
            row.external_id: _Identity(row.slug, row.language)
            for row in stored
            if row.team_id == team.id and row.external_id is not None
        }

    def check_all(self, entries: Iterable[Entry]) -> None:
        """Check the lines of a file, using all processors if the file is large."""
        for chunk in in_processes(self._read_each, _chunks(entries)):
            for entry in chunk:
                self._check(entry)

    def _read_each(self, entries: Sequence[Entry]) -> list[ReadLine]:
        """Check some lines by themselves."""
        return [self._read(entry) for entry in entries]

    def _check(self, read: ReadLine) -> None:
        """Check the next line against the database and the lines before it."""
        self._unit = read.entry.unit
        if read.is_left_out:
            self._withdrawn += 1
            return
        line, errors = self._validate(read)
        entry = read.entry
        self._errors.extend(
            LineError(entry.number, each.pointer, each.detail, entry.column(each.pointer), entry.file)
            for each in errors
        )
        self._remarks.extend(
            LineError(
                0 if each.is_general else entry.number,
                each.pointer,
                each.detail,
                entry.column(each.pointer),
                entry.file,
            )
            for each in entry.remarks
        )
        if not errors:
            self._lines.append(line)
            self._remember(line)

    def result(self) -> CheckedFile:
        """The result for all lines."""
        return CheckedFile(
            self._lines,
            self._errors,
            self._unit,
            sorted(self._ignored),
            self._withdrawn,
            self.keeps_records,
            self._remarks,
        )

    def _is_left_out(self, value: Any) -> bool:
        """Whether a line is an incident that was withdrawn elsewhere, or that its reader may no longer see;
        such incidents are not imported."""
        return isinstance(value, dict) and (
            value.get("status") == Status.WITHDRAWN or (value.get("gone") is True and "export" in value)
        )

    def _read(self, entry: Entry) -> ReadLine:
        read = ReadLine(Line(entry.number, {}, file=entry.file), entry._replace(value=None))
        if self._is_left_out(entry.value):
            return read._replace(is_left_out=True)
        if any(not problem.pointer for problem in entry.problems):
            # Where a whole line cannot be read, its fields say nothing.
            return read._replace(errors=entry.problems)
        try:
            loaded = self._load(read, entry.value)
        except ValidationError as error:
            valid = error.valid_data if isinstance(error.valid_data, dict) else {}
            loaded = read._replace(
                line=read.line._replace(data=valid), errors=tuple(field_errors(error.messages))
            )
        except InvalidInput as error:
            loaded = read._replace(errors=tuple(error.errors))
        return loaded._replace(errors=_first_of_each(entry.problems, loaded.errors))

    def _load(self, read: ReadLine, value: Any) -> ReadLine:
        """Load the data of a line. Raises ValidationError or InvalidInput."""
        fields, ignored = importable(value)
        data = with_checked_guards(self._schema.load(fields), trials=self._trials)
        loaded = read._replace(line=read.line._replace(data=data), ignored=ignored)
        try:
            return loaded._replace(detected=with_language(data, self._language))
        except InvalidInput as error:
            return loaded._replace(detected=error)

    def _validate(self, read: ReadLine) -> tuple[Line, Sequence[FieldError]]:
        if read.errors:
            return read.line, _first_of_each(read.errors, unknown_terms(read.line.data, self.terms))
        self._ignored |= read.ignored
        line = read.line
        known = self._identities.get(line.data["external_id"])
        if known is not None:
            # A known external id: the stored incident's language is the default.
            line = line._replace(data={"language": known.language, **line.data})
        elif isinstance(read.detected, InvalidInput):
            return line, read.detected.errors
        elif read.detected is not None:
            data, source = read.detected
            line = line._replace(data=data, language_source=source)
        return line, self._check_state(line)

    def _check_state(self, line: Line) -> list[FieldError]:
        data = line.data
        errors = content_errors(data, self.terms)
        known, slug = self._identities.get(data["external_id"]), data.get("slug")
        if known is not None and slug not in (None, known.slug):
            detail = Message("It was imported as {slug!r} before; the slug cannot change.", slug=known.slug)
            errors.append(FieldError("/slug", detail))
        elif known is None and slug in self._slugs:
            errors.append(FieldError("/slug", Message("The slug {slug!r} is taken.", slug=slug)))
        if known is not None and known.language != data["language"]:
            detail = Message(
                "It was imported in {language} before; the original's language cannot change.",
                language=known.language,
            )
            errors.append(FieldError("/language", detail))
        return errors

    def _remember(self, line: Line) -> None:
        """Assign the slug of a new incident, so that the following lines cannot take it."""
        data = line.data
        if data["external_id"] in self._identities:
            return
        slug = data.setdefault("slug", free_slug(slug_base(data), self._slugs))
        self._slugs.add(slug)
        if data["external_id"] is not None:
            self._identities[data["external_id"]] = _Identity(slug, data["language"])


class _Identity(NamedTuple):
    """The fields of an incident with this external id that an update cannot change."""

    slug: str
    language: str


def _first_of_each(errors: Sequence[FieldError], later: Iterable[FieldError]) -> tuple[FieldError, ...]:
    """Errors of a line, and those that a later step found in other fields, to be corrected together."""
    named = {each.pointer for each in errors}
    return (*errors, *(each for each in later if each.pointer not in named))


def _chunks(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    remaining = iter(entries)
    while chunk := [*islice(remaining, _CHUNK_SIZE)]:
        yield chunk
