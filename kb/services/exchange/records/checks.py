"""Check the lines of an export that keep their ids, authors, times and reviews.

This requires a knowledge base that has only the founding cases, as they were seeded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import exists, select

from kb.domain.incident import Status
from kb.errors import Conflict, FieldError, InvalidInput
from kb.messages import Message
from kb.models import Comment, FollowUp, Incident, Lesson, Proposal, ReviewEvent, Revision, Team, db
from kb.schemas.export_line import ExportLineSchema
from kb.services.core.system_actors import IMPORTER, SEEDER
from kb.services.exchange.entry_errors import content_errors
from kb.services.exchange.line_checks import LineChecker, LineError

if TYPE_CHECKING:
    from kb.services.exchange.entries import Entry
    from kb.services.exchange.line_checks import CheckedFile, Line, ReadLine


def is_untouched() -> bool:
    """Whether people have done nothing in this knowledge base: it has at most the founding cases."""
    by_people = exists().where(Revision.author != SEEDER.name)
    attached = [exists().where(model.incident_id.is_not(None)) for model in (Comment, FollowUp, Proposal)]
    return not any(db.session.scalar(select(condition)) for condition in (by_people, *attached))


def is_mirror() -> bool:
    """Whether everything here came from exports or the founding cases, and nobody has worked here.

    Data from an export has no principal, or the importer's.
    """
    of_people = [
        exists().where(Revision.principal.is_not(None), Revision.author != SEEDER.name),
        exists().where(Comment.principal != IMPORTER.principal),
        exists().where(ReviewEvent.principal.not_in([IMPORTER.principal, SEEDER.principal])),
        exists().where(Proposal.incident_id.is_not(None)),
    ]
    return not any(db.session.scalar(select(condition)) for condition in of_people)


def require_mirror() -> None:
    """Raise Conflict if people have worked here."""
    if not is_mirror():
        raise Conflict(
            Message("People have worked in this knowledge base. Only one in which nobody works is a mirror.")
        )


def is_gone(value: Any) -> bool:
    """Whether a line of an export says that its reader may no longer see an incident."""
    return is_record(value) and value.get("gone") is True


def is_record(value: Any) -> bool:
    """Whether an entry is a line of an export, not a body for or from the API."""
    return isinstance(value, dict) and "export" in value


class _Name(NamedTuple):
    """A name that must be unique: no other incident of a team may have the same slug or external id."""

    team: str
    kind: str
    name: str


class RecordChecker(LineChecker):
    """Checks lines of an export for a knowledge base in which nobody has worked."""

    keeps_records = True

    def __init__(self, team: Team) -> None:
        super().__init__(team)
        self._records = ExportLineSchema()
        columns = (
            Incident.id,
            Incident.external_id,
            Incident.slug,
            Incident.author,
            Incident.created_at,
            Incident.updated_at,
            Team.key.label("team"),
        )
        self._stored = {row.id: row for row in db.session.execute(select(*columns).join(Incident.team))}
        self._stored_lessons = {
            row.id: row.incident_id for row in db.session.execute(select(Lesson.id, Lesson.incident_id))
        }
        self._lines_of: dict[int, Line] = {}
        self._lesson_ids: set[int] = set()
        self._owners: dict[_Name, int] = {}
        """The names that the lines take."""
        self._gone: list[int] = []

    def _read(self, entry: Entry) -> ReadLine:
        read = super()._read(entry)
        if is_gone(entry.value) and isinstance(entry.value.get("id"), int):
            return read._replace(gone=entry.value["id"])
        return read

    def _check(self, read: ReadLine) -> None:
        """Check the next line, which may also name an incident that is gone."""
        if read.gone is not None:
            self._gone.append(read.gone)
            return
        super()._check(read)

    def result(self) -> CheckedFile:
        """The result for all lines. None may take the name of an incident that stays unchanged."""
        remaining = [row for key, row in self._stored.items() if key not in {*self._lines_of, *self._gone}]
        for row in remaining:
            for name in _names_of(row.team, row.slug, row.external_id):
                if (record_id := self._owners.get(name)) is not None and record_id in self._lines_of:
                    line = self._lines_of.pop(record_id)
                    self._lines.remove(line)
                    self._errors.append(
                        LineError(line.number, f"/{name.kind}", _same_name(name), file=line.file)
                    )
        return super().result()._replace(gone=self._gone)

    def _is_left_out(self, value: Any) -> bool:  # noqa: ARG002 (withdrawn ones come as well)
        return False

    def _load(self, read: ReadLine, value: Any) -> ReadLine:
        if not is_record(value):
            detail = Message("This is not a line of an export, as those before it are. Import it by itself.")
            raise InvalidInput([FieldError("", detail)])
        # The remaining fields are content, which the other schema loads.
        record = self._records.load({name: value[name] for name in self._records.fields if name in value})
        loaded = super()._load(read, {**value, "status": _loadable(record["status"])})
        return loaded._replace(line=loaded.line._replace(record=record))

    def _check_state(self, line: Line) -> list[FieldError]:
        record = line.record or {}
        errors = content_errors(line.data, self.terms)
        stored = self._stored.get(record["id"])
        if record["id"] in self._lines_of or not _may_be_same(stored, line):
            detail = Message(
                "Another incident has the id {id}. With --team, the incidents get new ids.", id=record["id"]
            )
            errors.append(FieldError("/id", detail))
        elif stored is not None and stored.author != SEEDER.name and record["updated_at"] < stored.updated_at:
            detail = Message("A later export has brought this incident here. Import a newer one.")
            errors.append(FieldError("/updated_at", detail))
        lesson_ids = [lesson["id"] for lesson in record["lessons"]]
        taken = [
            each for each in lesson_ids if self._is_taken(each, record["id"]) or lesson_ids.count(each) > 1
        ]
        if taken:
            detail = Message(
                "Another incident has the lesson {id}. With --team, the lessons get new ids.", id=taken[0]
            )
            errors.append(FieldError("/lessons", detail))
        for name in _names_of(record["team"], line.data.get("slug"), line.data["external_id"]):
            if self._owners.get(name, record["id"]) != record["id"]:
                errors.append(FieldError(f"/{name.kind}", _same_name(name)))
        return errors

    def _is_taken(self, lesson_id: int, incident_id: int) -> bool:
        owner = self._stored_lessons.get(lesson_id, incident_id)
        return lesson_id in self._lesson_ids or owner != incident_id

    def _remember(self, line: Line) -> None:
        record = line.record or {}
        self._lines_of[record["id"]] = line
        self._lesson_ids.update(lesson["id"] for lesson in record["lessons"])
        for name in _names_of(record["team"], line.data.get("slug"), line.data["external_id"]):
            self._owners[name] = record["id"]


def _may_be_same(stored: Any, line: Line) -> bool:
    """Whether a line may be the stored incident with its id: both were filed at the same moment, or are the
    same founding case."""
    record = line.record or {}
    if stored is None or stored.created_at == record["created_at"]:
        return True
    return stored.external_id is not None and stored.external_id == line.data["external_id"]


def _same_name(name: _Name) -> Message:
    return Message("Another incident of its team has the same: {name!r}.", name=name.name)


def _names_of(team: str, slug: str | None, external_id: str | None) -> list[_Name]:
    names = (("slug", slug), ("external_id", external_id))
    return [_Name(team, kind, name) for kind, name in names if name is not None]


def _loadable(status: str) -> str:
    """The status to check the content for: a published incident must be complete."""
    return Status.PUBLISHED if status == Status.PUBLISHED else Status.DRAFT
