"""Checking the lines of an export that are to be stored with their ids, authors, times and reviews.

That needs a knowledge base in which nothing is but the founding cases, as they were seeded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import exists, select

from kb.domain.incident import Status
from kb.errors import FieldError, InvalidInput
from kb.messages import Message
from kb.models import Comment, FollowUp, Incident, Lesson, Proposal, Revision, Team, db
from kb.schemas.export_line import ExportLineSchema
from kb.services.core.system_actors import SEEDER
from kb.services.exchange.entry_errors import content_errors
from kb.services.exchange.line_checks import LineChecker

if TYPE_CHECKING:
    from kb.services.exchange.line_checks import Line, ReadLine


def is_untouched() -> bool:
    """Whether people have done nothing in this knowledge base: it has the founding cases at most."""
    by_people = exists().where(Revision.author != SEEDER.name)
    attached = [exists().where(model.incident_id.is_not(None)) for model in (Comment, FollowUp, Proposal)]
    return not any(db.session.scalar(select(condition)) for condition in (by_people, *attached))


def is_record(value: Any) -> bool:
    """Whether an entry is a line of an export, rather than a body for or from the API."""
    return isinstance(value, dict) and "export" in value


class _Place(NamedTuple):
    """Where an incident stands among others: no other one of its team may have its slug or external id."""

    team: str
    kind: str
    name: str


class RecordChecker(LineChecker):
    """Checks lines of an export for an untouched knowledge base."""

    keeps_records = True

    def __init__(self, team: Team) -> None:
        super().__init__(team)
        self._records = ExportLineSchema()
        statement = select(Incident.id, Incident.external_id, Incident.slug)
        self._seeds = {row.id: row for row in db.session.execute(statement)}
        self._lessons_of_seeds = {
            row.id: row.incident_id for row in db.session.execute(select(Lesson.id, Lesson.incident_id))
        }
        self._ids: set[int] = set()
        self._lesson_ids: set[int] = set()
        self._places: dict[_Place, int] = {
            place: row.id
            for row in self._seeds.values()
            for place in _places(team.key, row.slug, row.external_id)
        }

    def _is_left_out(self, value: Any) -> bool:  # noqa: ARG002 (withdrawn ones come as well)
        return False

    def _load(self, read: ReadLine, value: Any) -> ReadLine:
        if not is_record(value):
            detail = Message("This is not a line of an export, as those before it are. Import it by itself.")
            raise InvalidInput([FieldError("", detail)])
        # The rest is content, which the other schema reads.
        record = self._records.load({name: value[name] for name in self._records.fields if name in value})
        loaded = super()._load(read, {**value, "status": _loadable(record["status"])})
        return loaded._replace(line=loaded.line._replace(record=record))

    def _check_state(self, line: Line) -> list[FieldError]:
        record = line.record or {}
        errors = content_errors(line.data, self.terms)
        seed = self._seeds.get(record["id"])
        if record["id"] in self._ids or (seed is not None and seed.external_id != line.data["external_id"]):
            detail = Message(
                "Another incident has the id {id}. With --team, the incidents get new ids.", id=record["id"]
            )
            errors.append(FieldError("/id", detail))
        lesson_ids = [lesson["id"] for lesson in record["lessons"]]
        taken = [
            each for each in lesson_ids if self._is_taken(each, record["id"]) or lesson_ids.count(each) > 1
        ]
        if taken:
            detail = Message(
                "Another incident has the lesson {id}. With --team, the lessons get new ids.", id=taken[0]
            )
            errors.append(FieldError("/lessons", detail))
        for place in _places(record["team"], line.data.get("slug"), line.data["external_id"]):
            if self._places.get(place, record["id"]) != record["id"]:
                detail = Message("Another incident of its team has the same: {name!r}.", name=place.name)
                errors.append(FieldError(f"/{place.kind}", detail))
        return errors

    def _is_taken(self, lesson_id: int, incident_id: int) -> bool:
        owner = self._lessons_of_seeds.get(lesson_id, incident_id)
        return lesson_id in self._lesson_ids or owner != incident_id

    def _remember(self, line: Line) -> None:
        record = line.record or {}
        self._ids.add(record["id"])
        self._lesson_ids.update(lesson["id"] for lesson in record["lessons"])
        for place in _places(record["team"], line.data.get("slug"), line.data["external_id"]):
            self._places[place] = record["id"]


def _places(team: str, slug: str | None, external_id: str | None) -> list[_Place]:
    names = (("slug", slug), ("external_id", external_id))
    return [_Place(team, kind, name) for kind, name in names if name is not None]


def _loadable(status: str) -> str:
    """The status that the content is checked for: what is published has to be complete."""
    return Status.PUBLISHED if status == Status.PUBLISHED else Status.DRAFT
