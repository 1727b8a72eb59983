"""The guards of lessons of published incidents, for use by checks."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import select

from kb.domain.incident import Status, Visibility
from kb.models import Incident, Lesson, db


class LessonGuard(NamedTuple):
    """A stored guard (`kb.guards.definition.to_guard` reads it), with its lesson and incident.
    `kb.domain.permissions.may_see` decides who may see it."""

    guard: dict[str, Any]
    lesson_id: int
    incident_id: int
    team_id: int
    status: Status
    visibility: Visibility


def active_lesson_guards() -> list[LessonGuard]:
    """The active guards of all published incidents, regardless of access, in the order of their lessons."""
    columns = (Lesson.guard, Lesson.id, Incident.id, Incident.team_id, Incident.status, Incident.visibility)
    statement = (
        select(*columns)
        .join(Incident, Incident.id == Lesson.incident_id)
        .where(Lesson.guard.is_not(None), Incident.status == Status.PUBLISHED)
        .order_by(Lesson.id)
    )
    rows = db.session.execute(statement)
    return [row for row in map(LessonGuard._make, rows) if row.guard["active"]]
