"""Importing incidents from JSON Lines or a JSON array: every line is checked before the first is written."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from marshmallow import ValidationError
from sqlalchemy import select

from kb.domain.audit import AuditEvent
from kb.domain.language import LanguageSource
from kb.errors import Conflict, FieldError, InvalidInput
from kb.messages import Message, joined, message_of
from kb.models import Incident, Team, db
from kb.schemas.incident_input import IncidentImportSchema
from kb.schemas.pointers import field_errors
from kb.services.accounts.teams import find_team, team_language
from kb.services.core import audit
from kb.services.core.system_actors import IMPORTER
from kb.services.core.unit_of_work import unit_of_work
from kb.services.exchange.entry_errors import content_errors
from kb.services.exchange.reading import read_entries
from kb.services.incidents.adding import NewIncidents
from kb.services.incidents.language_detection import with_language
from kb.services.incidents.lesson_guards import with_checked_guards
from kb.services.incidents.slugs import free_slug, slug_base
from kb.services.incidents.upsert import UpsertOutcome, upsert_incident
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from kb.services.core.unit_of_work import UnitOfWork
    from kb.services.exchange.reading import Entry

_BATCH_SIZE = 200
"""How many incidents are written together. The session is then emptied, so that memory use stays level."""


class LineError(NamedTuple):
    """An error in a line; lines, or the items of an array, count from 1."""

    line: int
    pointer: str
    detail: str


class Line(NamedTuple):
    """A valid line, with its validated data, and how the language of its texts is known."""

    number: int
    data: dict[str, Any]
    language_source: LanguageSource = LanguageSource.GIVEN


class CheckedFile(NamedTuple):
    """The valid lines of a file and the errors in the others. `unit` is what is counted: "line" or "item"."""

    lines: list[Line]
    errors: list[LineError]
    unit: str


class AddedLine(NamedTuple):
    """A line that became a new incident."""

    line: Line
    incident_id: int


class ImportReport(NamedTuple):
    """The lines that an import added, and how many it used for updates, or left because nothing differs."""

    added: list[AddedLine]
    updated: int
    unchanged: int

    def languages(self, source: LanguageSource) -> dict[str, int]:
        """How many of the lines added are in each language, as far as that is known from a source."""
        counts = Counter(line.data["language"] for line, _ in self.added if line.language_source is source)
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def check_lines(lines: Iterable[bytes], team: str) -> CheckedFile:
    """Check the lines of a file by the schema, the taxonomy and what is stored. Writes nothing.

    Raises InvalidInput for an unknown team, MalformedInput for a file of another format or without entries.
    """
    checker = _Checker(find_team(team))
    for entry in read_entries(lines):
        checker.check(entry)
    return CheckedFile(checker.lines, checker.errors, checker.unit)


def write_lines(
    lines: list[Line], team: str, progress: Callable[[int, int], object], *, dry_run: bool = False
) -> ImportReport:
    """Write checked lines in one transaction: all of them, or none.

    `progress` is called with the number of lines written so far and the number of all. With `dry_run`, all is
    done, and undone: the ids of the report are of no incident.
    """
    owner_id = find_team(team).id
    outcomes: Counter[UpsertOutcome] = Counter()
    added: list[AddedLine] = []
    with unit_of_work() as work:
        stored = _stored_ids(owner_id)
        for start in range(0, len(lines), _BATCH_SIZE):
            batch = lines[start : start + _BATCH_SIZE]
            # Referenced, so that the team stays in the session: each incident asks for it.
            owner, terms = db.session.get_one(Team, owner_id), TermLookup()
            for is_new, group in groupby(batch, partial(_is_new, stored)):
                if is_new:
                    added += _add_lines(work, list(group), terms, owner.id)
                else:
                    outcomes.update(_update_line(work, line, terms, owner.id) for line in group)
            db.session.flush()
            db.session.expunge_all()
            progress(start + len(batch), len(lines))
        report = ImportReport(
            added=added,
            updated=outcomes[UpsertOutcome.UPDATED],
            unchanged=outcomes[UpsertOutcome.UNCHANGED],
        )
        audit.log_event(
            work, IMPORTER, AuditEvent.IMPORT, team_id=owner_id, added=len(added), updated=report.updated
        )
        if dry_run:
            work.discard()
    return report


def _stored_ids(team_id: int) -> set[str]:
    """The external ids of a team's incidents."""
    statement = select(Incident.external_id).where(Incident.team_id == team_id)
    return {external_id for external_id in db.session.scalars(statement) if external_id is not None}


def _is_new(stored: set[str], line: Line) -> bool:
    """Whether a line brings an incident that is not stored, and is then counted as stored."""
    external_id = line.data["external_id"]
    if external_id is None:
        return True
    is_new = external_id not in stored
    stored.add(external_id)
    return is_new


def _add_lines(work: UnitOfWork, lines: Sequence[Line], terms: TermLookup, team_id: int) -> list[AddedLine]:
    batch = NewIncidents(work, IMPORTER, team_id, [line.data for line in lines])
    incidents = []
    for line in lines:
        with _naming(line):
            incidents.append(batch.add(line.data, terms))
    batch.record()
    return [AddedLine(line, incident.id) for line, incident in zip(lines, incidents, strict=True)]


def _update_line(work: UnitOfWork, line: Line, terms: TermLookup, team_id: int) -> UpsertOutcome:
    with _naming(line):
        return upsert_incident(work, IMPORTER, line.data, terms, team_id).outcome


@contextmanager
def _naming(line: Line) -> Iterator[None]:
    """Name a line in the errors that writing it raises."""
    try:
        yield
    except (InvalidInput, Conflict) as error:
        named = [joined([each.pointer, each.detail], ": ") for each in error.errors]
        reason = joined(named, "; ") if named else message_of(error)
        raise Conflict(
            Message("line {number}: {reason}", number=line.number, reason=reason), error.errors
        ) from error


class _Checker:
    """Collects the valid lines, and the errors in the others."""

    def __init__(self, team: Team) -> None:
        self.lines: list[Line] = []
        self.errors: list[LineError] = []
        self.unit = "line"
        self._schema = IncidentImportSchema()
        self._terms = TermLookup()
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
        self.unit = entry.unit
        line, errors = self._validate(entry)
        self.errors.extend(LineError(entry.number, error.pointer, error.detail) for error in errors)
        if not errors:
            self.lines.append(line)
            self._remember(line.data)

    def _validate(self, entry: Entry) -> tuple[Line, list[FieldError]]:
        line = Line(entry.number, {})
        if entry.problem is not None:
            return line, [FieldError("", entry.problem)]
        try:
            data = with_checked_guards(self._schema.load(entry.value))
            line = self._with_language(line._replace(data=data))
        except ValidationError as error:
            return line, field_errors(error.messages)
        except InvalidInput as error:
            return line, [*error.errors]
        return line, self._check_state(line.data)

    def _with_language(self, line: Line) -> Line:
        """A line with the language of its texts: that of its incident, if it was imported before."""
        known = self._identities.get(line.data["external_id"])
        if known is not None:
            return line._replace(data={"language": known.language, **line.data})
        data, source = with_language(line.data, self._language)
        return line._replace(data=data, language_source=source)

    def _check_state(self, data: dict[str, Any]) -> list[FieldError]:
        errors = content_errors(data, self._terms)
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

    def _remember(self, data: dict[str, Any]) -> None:
        """Fix the slug of a new incident, so that it is taken for the lines that follow."""
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
