"""Put guards on lessons: the lessons to choose from, and the change of the incident."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, exists, func, or_, select

from kb.domain.incident import Status
from kb.domain.language import choose_language
from kb.domain.permissions import Action, Actor, may_in
from kb.errors import Conflict, NotFound, StaleVersion
from kb.messages import Message
from kb.models import Incident, IncidentText, Lesson, LessonText, db
from kb.models.base import MAX_INTEGER
from kb.services.core.authorization import require
from kb.services.core.incident_lookup import find_in_team, find_incident
from kb.services.core.presenters import lesson_text
from kb.services.incidents.write import update_incident

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.orm import InstrumentedAttribute

    from kb.services.core.write_result import WriteResult

MAX_LESSONS = 40
"""How many lessons are offered to choose from."""

MAX_WORDS = 10
"""How many words of a search for lessons count."""


class LessonChoice(NamedTuple):
    """A lesson that a guard may be put on, in a reader's language, with the title of its incident."""

    id: int
    text: str
    incident_id: int
    incident_title: str
    has_guard: bool


class LessonChoices(NamedTuple):
    """Lessons to choose from; `are_all` unless there are more."""

    lessons: list[LessonChoice]
    are_all: bool


def list_lesson_choices(
    actor: Actor, languages: Sequence[str], *, first: int | None, text: str
) -> LessonChoices:
    """List the lessons whose incidents an actor may edit, the actor's own teams and the latest lessons first.

    Lists at most MAX_LESSONS. Each word of `text` must occur in the lesson, or in the title or organization
    of its incident, in any language. Lessons of the incident that has the lesson `first` come before all
    others.
    """
    first = min(first or 0, MAX_INTEGER)
    statement = (
        select(Lesson, Incident)
        .join(Incident, Incident.id == Lesson.incident_id)
        .where(Incident.status != Status.WITHDRAWN, Incident.duplicate_of_id.is_(None))
    )
    if not actor.sees_everything:
        teams = [team for team in actor.roles if may_in(actor, Action.EDIT, team)]
        statement = statement.where(Incident.team_id.in_(teams))
    for word in text.split()[:MAX_WORDS]:
        statement = statement.where((Lesson.id == first) | _has(word) if first else _has(word))
    chosen = db.session.scalar(select(Lesson.incident_id).where(Lesson.id == first)) if first else None
    is_own = Incident.team_id.in_([*actor.roles])
    groups: list[ColumnElement[bool]] = [is_own, ~is_own]
    if chosen is not None:
        others = Incident.id != chosen
        groups = [Incident.id == chosen, and_(is_own, others), and_(~is_own, others)]
    rows: list[Row[Lesson, Incident]] = []
    # One query for each group: to sort by it, the database would read all lessons there are.
    for group in groups:
        latest = statement.where(group).order_by(Incident.id.desc(), Lesson.position)
        if (left := MAX_LESSONS + 1 - len(rows)) > 0:
            rows += db.session.execute(latest.limit(left)).all()
    lessons = [_choice(lesson, incident, languages) for lesson, incident in rows[:MAX_LESSONS]]
    return LessonChoices(lessons, are_all=len(rows) <= MAX_LESSONS)


def _has(word: str) -> ColumnElement[bool]:
    """Whether the texts of a lesson and its incident, as far as a list shows them, have a word or a part."""

    def holds(column: InstrumentedAttribute[str]) -> ColumnElement[bool]:
        return func.lower(column).contains(word.lower(), autoescape=True)

    in_lesson = exists().where(LessonText.lesson_id == Lesson.id, holds(LessonText.text))
    in_title = exists().where(IncidentText.incident_id == Incident.id, holds(IncidentText.title))
    return or_(holds(Incident.organization), in_lesson, in_title)


def may_put_guards(actor: Actor, incident_id: int) -> bool:
    """Whether an actor may put guards on the lessons of an incident. Raises NotFound for a hidden one."""
    incident = find_incident(actor, incident_id)
    return incident.status is not Status.WITHDRAWN and may_in(actor, Action.EDIT, incident.team_id)


def put_guard(actor: Actor, lesson_id: int, guard: Mapping[str, Any]) -> WriteResult:
    """Put a guard on a lesson, replacing the lesson's guard, if any.

    Like any change of an incident, it may become a proposal. Raises NotFound, Forbidden, InvalidInput for a
    guard that does not work, or Conflict.
    """
    require(actor, Action.EDIT)
    lesson = db.session.get(Lesson, min(lesson_id, MAX_INTEGER))
    if lesson is None:
        raise NotFound(Message("There is no such lesson."))
    incident = find_in_team(actor, Action.EDIT, lesson.incident_id)
    lessons: list[dict[str, Any]] = [
        {"id": each.id, "text": each.texts[incident.language].text} for each in incident.lessons
    ]
    for item in lessons:
        if item["id"] == lesson_id:
            item["guard"] = guard
    try:
        return update_incident(actor, incident.id, frozenset({incident.version}), {"lessons": lessons})
    except StaleVersion as error:
        raise Conflict(Message("Somebody else changed the incident in the meantime. Try again.")) from error


def _choice(lesson: Lesson, incident: Incident, languages: Sequence[str]) -> LessonChoice:
    language = choose_language(languages, incident.languages, incident.language)
    text = lesson_text(lesson, language, incident.language)["text"]
    title = incident.texts[language].title
    return LessonChoice(lesson.id, text, incident.id, title, lesson.guard is not None)
