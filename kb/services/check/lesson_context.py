"""Where a guard is from: the lesson that carries it, and the incident that taught it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.domain.guard import LESSON_PREFIX
from kb.domain.language import choose_language
from kb.domain.permissions import may_see
from kb.models import Incident, Lesson, db
from kb.services.core.incident_lookup import SUMMARY_OPTIONS
from kb.services.core.presenters import lesson_text, summary

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from kb.domain.permissions import Actor


def lesson_contexts(
    actor: Actor, keys: Collection[str], languages: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """By the key of a lesson's guard, its `lesson` and the summary of its `incident`.

    Guards of incidents that the actor may not see have none, nor have those of no lesson.
    """
    ids = [int(key.removeprefix(LESSON_PREFIX)) for key in keys if key.startswith(LESSON_PREFIX)]
    if not ids:
        return {}
    lessons = db.session.scalars(select(Lesson).where(Lesson.id.in_(ids))).all()
    statement = select(Incident).where(Incident.id.in_({lesson.incident_id for lesson in lessons}))
    incidents = {row.id: row for row in db.session.scalars(statement.options(*SUMMARY_OPTIONS))}
    contexts = {}
    for lesson in lessons:
        incident = incidents[lesson.incident_id]
        if may_see(actor, incident):
            language = choose_language(languages, incident.languages, incident.language)
            contexts[f"{LESSON_PREFIX}{lesson.id}"] = {
                "lesson": lesson_text(lesson, language, incident.language),
                "incident": summary(incident, languages),
            }
    db.session.rollback()
    return contexts
