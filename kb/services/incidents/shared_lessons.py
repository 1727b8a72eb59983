"""The distinct lessons of many incidents, since several incidents often teach the same one."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.domain.language import choose_language
from kb.domain.permissions import Action
from kb.domain.text import fold
from kb.models import Incident, IncidentText, Lesson, LessonText, db
from kb.services.core.authorization import require, visible_to
from kb.services.core.filter_conditions import conditions

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from kb.domain.filters import IncidentFilter
    from kb.domain.permissions import Actor

MAX_INCIDENTS = 200
"""How many incidents, the most severe ones, the lessons are read from."""


def shared_lessons(
    actor: Actor, filters: IncidentFilter, languages: Sequence[str], *, limit: int
) -> list[dict[str, Any]]:
    """List the lessons of the visible incidents that match the filters, by number of incidents, then by
    severity.

    Each has the `text` in the first of `languages` that it exists in, its `language`, and its `incidents`
    with `id`, `title`, `language` and `lesson`, the id of the lesson there. Texts that differ only in case,
    accents and space count as one.
    """
    require(actor, Action.READ)
    statement = (
        select(Incident.id, Incident.language)
        .where(visible_to(actor), *conditions(filters), Incident.lessons.any())
        .order_by(Incident.severity.desc().nulls_last(), Incident.occurred_on.desc(), Incident.id.desc())
        .limit(MAX_INCIDENTS)
    )
    originals = {number: language for number, language in db.session.execute(statement)}
    titles, texts = _titles(originals), _lesson_texts(originals)
    lessons: dict[str, dict[str, Any]] = {}
    for incident, original in originals.items():
        language = choose_language(languages, [original, *sorted(titles[incident])], original)
        for lesson, by_language in texts[incident].items():
            shown = language if language in by_language else original
            key = " ".join(fold(by_language[original]).split())
            entry = lessons.setdefault(key, {"text": by_language[shown], "language": shown, "incidents": []})
            entry["incidents"].append(
                {
                    "id": incident,
                    "title": titles[incident][language],
                    "language": language,
                    "lesson": lesson,
                }
            )
    return sorted(lessons.values(), key=lambda entry: -len(entry["incidents"]))[:limit]


def _titles(incidents: Collection[int]) -> Mapping[int, dict[str, str]]:
    """The titles of some incidents by language. Whole incidents would take several times as long."""
    titles: defaultdict[int, dict[str, str]] = defaultdict(dict)
    statement = select(IncidentText.incident_id, IncidentText.language, IncidentText.title)
    for incident, language, title in db.session.execute(
        statement.where(IncidentText.incident_id.in_(incidents))
    ):
        titles[incident][language] = title
    return titles


def _lesson_texts(incidents: Collection[int]) -> Mapping[int, dict[int, dict[str, str]]]:
    """The texts of lessons by incident, id and language, in order."""
    texts: defaultdict[int, dict[int, dict[str, str]]] = defaultdict(dict)
    statement = (
        select(Lesson.incident_id, Lesson.id, LessonText.language, LessonText.text)
        .join(LessonText, LessonText.lesson_id == Lesson.id)
        .where(Lesson.incident_id.in_(incidents))
        .order_by(Lesson.position)
    )
    for incident, lesson, language, text in db.session.execute(statement):
        texts[incident].setdefault(lesson, {})[language] = text
    return texts
