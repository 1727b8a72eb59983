"""The keys of guards as a reader may see them: a lesson's guard names its lesson, which may be hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from kb.domain.guard import LESSON_PREFIX
from kb.models import Incident, Lesson, db
from kb.models.base import MAX_INTEGER
from kb.services.core.authorization import visible_to

if TYPE_CHECKING:
    from collections.abc import Collection

    from kb.domain.permissions import Actor

HIDDEN_GUARD = f"{LESSON_PREFIX}hidden"
"""Replaces the key of a guard whose lesson a reader may not see."""

_NO_ID = 0


def shown_guards(actor: Actor, keys: Collection[str]) -> dict[str, str]:
    """Map each key to the key that the actor may see: HIDDEN_GUARD for lessons of hidden incidents.

    Lessons that no longer exist are hidden as well, since nobody can tell what they were about.
    """
    lessons = {key: _lesson_id(key) for key in keys if key.startswith(LESSON_PREFIX)}
    if actor.sees_everything or not lessons:
        return {key: key for key in keys}
    statement = select(Lesson.id).join(Incident, Incident.id == Lesson.incident_id)
    visible = {*db.session.scalars(statement.where(Lesson.id.in_(lessons.values()), visible_to(actor)))}
    hidden = {key for key, lesson_id in lessons.items() if lesson_id not in visible}
    return {key: HIDDEN_GUARD if key in hidden else key for key in keys}


def _lesson_id(key: str) -> int:
    """The id of the lesson in a key, which may be arbitrary user input; _NO_ID if it has none."""
    number = key.removeprefix(LESSON_PREFIX)
    return min(int(number), MAX_INTEGER) if number.isascii() and number.isdigit() else _NO_ID
