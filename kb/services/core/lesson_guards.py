"""The guards of the lessons of published incidents, which checks use."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import select

from kb.domain.incident import Status, Visibility
from kb.models import Incident, Lesson, db


class LessonGuard(NamedTuple):
    """A guard as it is stored (`kb.guards.definition.to_guard` reads it), with the lesson and the incident
    that it belongs to. `kb.domain.permissions.may_see` tells who may see it."""

    guard: dict[str, Any]
    lesson_id: int
    incident_id: int
    team_id: int
    status: Status
    visibility: Visibility


def active_lesson_guards() -> list[LessonGuard]:
    """The active guards of all published incidents, whoever may see them, in the order of their lessons."""
    columns = (Lesson.guard, Lesson.id, Incident.id, Incident.team_id, Incident.status, Incident.visibility)
    statement = (
        select(*columns)
        .join(Incident, Incident.id == Lesson.incident_id)
        .where(Lesson.guard.is_not(None), Incident.status == Status.PUBLISHED)
        .order_by(Lesson.id)
    )
    rows = db.session.execute(statement)
    return [row for row in map(LessonGuard._make, rows) if row.guard["active"]]
