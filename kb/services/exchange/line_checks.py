"""Checking the lines of an import by the schema, the taxonomy, each other and what is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from marshmallow import ValidationError
from sqlalchemy import select

from kb.domain.incident import Status
from kb.domain.language import LanguageSource
from kb.errors import FieldError, InvalidInput
from kb.messages import Message
from kb.models import Incident, Team, db
from kb.schemas.incident_input import IncidentImportSchema
from kb.schemas.pointers import field_errors
from kb.services.accounts.teams import team_language
from kb.services.exchange.entry_errors import content_errors
from kb.services.exchange.importable import importable
from kb.services.incidents.language_detection import with_language
from kb.services.incidents.lesson_guards import with_checked_guards
from kb.services.incidents.slugs import free_slug, slug_base
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.services.exchange.reading import Entry


class LineError(NamedTuple):
    """An error in a line; lines, or the items of an array, count from 1."""

    line: int
    pointer: str
    detail: str


class Line(NamedTuple):
    """A valid line, with its validated data, and how the language of its texts is known.

    `record` is what a line of an export tells beyond the content, if that is to be kept.
    """

    number: int
    data: dict[str, Any]
    language_source: LanguageSource = LanguageSource.GIVEN
    record: Mapping[str, Any] | None = None


class CheckedFile(NamedTuple):
    """The valid lines of a file and the errors in the others. `unit` is what is counted: "line" or "item".

    `ignored` are the read-only fields that some lines had; `withdrawn` counts the withdrawn incidents, which
    were left out. With `keeps_records`, the lines are those of an export and are stored with their ids,
    authors, times and reviews, and `gone` are the ids of those that an export no longer shows its reader.
    """

    lines: list[Line]
    errors: list[LineError]
    unit: str
    ignored: Sequence[str] = ()
    withdrawn: int = 0
    keeps_records: bool = False
    gone: Sequence[int] = ()


class LineChecker:
    """Collects the valid lines, and the errors in the others, for an import into a team."""

    keeps_records = False

    def __init__(self, team: Team) -> None:
        self.terms = TermLookup()
        self._lines: list[Line] = []
        self._errors: list[LineError] = []
        self._ignored: set[str] = set()
        self._unit = "line"
        self._withdrawn = 0
        self._schema = IncidentImportSchema()
        self._language = team_language(team.id)
        columns = (Incident.slug, Incident.external_id, Incident.language, Incident.team_id)
        stored = db.session.execute(select(*columns)).all()
        self._slugs = {row.slug for row in stored if row.team_id == team.id}
        self._identities = {
            row.external_id: _Identity(row.slug, row.language)
            for row in stored
            if row.team_id == team.id and row.external_id is not None
        }

    def check(self, entry: Entry) -> None:
        """Check the next line."""
        self._unit = entry.unit
        if self._is_left_out(entry.value):
            self._withdrawn += 1
            return
        line, errors = self._validate(entry)
        self._errors.extend(LineError(entry.number, error.pointer, error.detail) for error in errors)
        if not errors:
            self._lines.append(line)
            self._remember(line)

    def result(self) -> CheckedFile:
        """What was found in all lines."""
        return CheckedFile(
            self._lines,
            self._errors,
            self._unit,
            sorted(self._ignored),
            self._withdrawn,
            self.keeps_records,
        )

    def _is_left_out(self, value: Any) -> bool:
        """Whether a line is an incident that was withdrawn elsewhere, or has gone from what its reader sees:
        no import publishes or files it."""
        return isinstance(value, dict) and (
            value.get("status") == Status.WITHDRAWN or (value.get("gone") is True and "export" in value)
        )

    def _validate(self, entry: Entry) -> tuple[Line, list[FieldError]]:
        line = Line(entry.number, {})
        if entry.problem is not None:
            return line, [FieldError("", entry.problem)]
        try:
            line = self._read(line, entry.value)
        except ValidationError as error:
            return line, field_errors(error.messages)
        except InvalidInput as error:
            return line, [*error.errors]
        return line, self._check_state(line)

    def _read(self, line: Line, value: Any) -> Line:
        """A line with its data. Raises ValidationError or InvalidInput."""
        fields, ignored = importable(value)
        data = with_checked_guards(self._schema.load(fields))
        self._ignored |= ignored
        return self._with_language(line._replace(data=data))

    def _with_language(self, line: Line) -> Line:
        """A line with the language of its texts: that of its incident, if it was imported before."""
        known = self._identities.get(line.data["external_id"])
        if known is not None:
            return line._replace(data={"language": known.language, **line.data})
        data, source = with_language(line.data, self._language)
        return line._replace(data=data, language_source=source)

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
        """Fix the slug of a new incident, so that it is taken for the lines that follow."""
        data = line.data
        if data["external_id"] in self._identities:
            return
        slug = data.setdefault("slug", free_slug(slug_base(data), self._slugs))
        self._slugs.add(slug)
        if data["external_id"] is not None:
            self._identities[data["external_id"]] = _Identity(slug, data["language"])


class _Identity(NamedTuple):
    """What an update cannot change of an incident with this external id."""

    slug: str
    language: str
