"""The lessons of many incidents, each once: several incidents often teach the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from kb.domain.language import choose_language
from kb.domain.permissions import Action
from kb.domain.text import fold
from kb.models import Incident, Lesson, db
from kb.services.core.authorization import require, visible_to
from kb.services.core.filter_conditions import conditions
from kb.services.core.presenters import lesson_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.domain.filters import IncidentFilter
    from kb.domain.permissions import Actor

MAX_INCIDENTS = 200
"""Of how many incidents the lessons are read: of the gravest."""


def shared_lessons(
    actor: Actor, filters: IncidentFilter, languages: Sequence[str], *, limit: int
) -> list[dict[str, Any]]:
    """The lessons of the visible incidents that match the filters, those of the most incidents first, then
    those of the gravest.

    Each has the `text` in the first of `languages` that it exists in, its `language`, and its `incidents`
    with `id`, `title`, `language` and `lesson`, the id of the lesson there. Texts that differ only in case,
    accents and space count as one.
    """
    require(actor, Action.READ)
    statement = (
        select(Incident)
        .where(visible_to(actor), *conditions(filters), Incident.lessons.any())
        .order_by(Incident.severity.desc().nulls_last(), Incident.occurred_on.desc(), Incident.id.desc())
        .options(selectinload(Incident.texts), selectinload(Incident.lessons).selectinload(Lesson.texts))
        .limit(MAX_INCIDENTS)
    )
    lessons: dict[str, dict[str, Any]] = {}
    for incident in db.session.scalars(statement):
        language = choose_language(languages, incident.languages, incident.language)
        for lesson in incident.lessons:
            shown = lesson_text(lesson, language, incident.language)
            key = " ".join(fold(lesson.texts[incident.language].text).split())
            entry = lessons.setdefault(
                key, {"text": shown["text"], "language": shown["language"], "incidents": []}
            )
            entry["incidents"].append(
                {
                    "id": incident.id,
                    "title": incident.texts[language].title,
                    "language": language,
                    "lesson": lesson.id,
                }
            )
    return sorted(lessons.values(), key=lambda entry: -len(entry["incidents"]))[:limit]
