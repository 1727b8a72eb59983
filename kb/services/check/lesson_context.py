"""The context of a guard: its lesson, and the incident that the lesson is from.

Contexts are cached until the change feed moves, as it does with every write to an incident. Access is decided
for each caller.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from sqlalchemy import select

from kb.caches import LruCache
from kb.domain.guard import LESSON_PREFIX
from kb.domain.language import choose_language
from kb.domain.permissions import may_see
from kb.models import Incident, Lesson, db
from kb.models.base import MAX_INTEGER
from kb.services.core import change_feed
from kb.services.core.incident_lookup import SUMMARY_OPTIONS
from kb.services.core.presenters import lesson_text, summary

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Sequence

    from kb.domain.incident import Status, Visibility
    from kb.domain.permissions import Actor
    from kb.search.engine import Position

MAX_BYTES = 300_000
"""The size of the cache of a process, as JSON: some 200 contexts."""


class _Context(NamedTuple):
    """The context of a lesson in some languages, the facts that decide access, and its position."""

    content: dict[str, Any]
    status: Status
    visibility: Visibility
    team_id: int
    position: Position


_contexts: LruCache[_Context] = LruCache(MAX_BYTES)


def lesson_contexts(
    actor: Actor, keys: Collection[str], languages: Sequence[str], position: Position | None = None
) -> dict[str, dict[str, Any]]:
    """Return the `lesson` and the summary of the `incident` of each lesson's guard, by key, as of a position
    of the database or a later one, or as of now.

    Guards of incidents that the actor may not see are left out, as are guards of no lesson. Callers share the
    returned contexts, so they must not change them.
    """
    numbers = (int(key.removeprefix(LESSON_PREFIX)) for key in keys if key.startswith(LESSON_PREFIX))
    ids = [number for number in numbers if 0 < number <= MAX_INTEGER]
    if not ids:
        return {}
    languages, position = tuple(languages), position or change_feed.position()
    known = {number: _contexts.get(_key(number, languages)) for number in ids}
    found = {
        number: context
        for number, context in known.items()
        if context is not None and context.position == position
    }
    if len(found) < len(known):
        found |= _load([number for number in known if number not in found], languages)
    return {
        f"{LESSON_PREFIX}{number}": context.content
        for number, context in found.items()
        if may_see(actor, context)
    }


def _key(lesson_id: int, languages: tuple[str, ...]) -> Hashable:
    return db.engine.url.database, lesson_id, languages


def _load(ids: Sequence[int], languages: tuple[str, ...]) -> dict[int, _Context]:
    """Load the contexts of some lessons, and cache them."""
    position = change_feed.position_in_session()
    lessons = db.session.scalars(select(Lesson).where(Lesson.id.in_(ids))).all()
    statement = select(Incident).where(Incident.id.in_({lesson.incident_id for lesson in lessons}))
    incidents = {row.id: row for row in db.session.scalars(statement.options(*SUMMARY_OPTIONS))}
    found = {}
    for lesson in lessons:
        incident = incidents[lesson.incident_id]
        language = choose_language(languages, incident.languages, incident.language)
        content = {
            "lesson": lesson_text(lesson, language, incident.language),
            "incident": summary(incident, languages),
        }
        context = _Context(content, incident.status, incident.visibility, incident.team_id, position)
        found[lesson.id] = context
        _contexts.put(_key(lesson.id, languages), context, len(orjson.dumps(content)))
    db.session.rollback()
    return found
