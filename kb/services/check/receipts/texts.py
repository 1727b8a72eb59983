"""The texts of lessons' guards in a receipt, as long as the lessons still have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.models import Lesson, db
from kb.services.check.findings import may_fill

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TEXTS = ("message", "suggestion")


def with_current_texts(findings: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The findings of a receipt, without texts of lessons' guards that have changed or are gone.

    A receipt that keeps its draft keeps the messages, which are text from someone's incident: removing it
    there must remove it here.
    """
    lessons = {item["lesson"] for item in findings if item["message"] is not None} - {None}
    if not lessons:
        return [{**item} for item in findings]
    statement = select(Lesson.id, Lesson.guard).where(Lesson.id.in_(lessons))
    guards = {lesson_id: guard or {} for lesson_id, guard in db.session.execute(statement)}
    return [
        {**item, **{name: _current(item[name], guards.get(item["lesson"], {}).get(name)) for name in _TEXTS}}
        if item["lesson"] in lessons
        else {**item}
        for item in findings
    ]


def _current(text: str | None, templates: Mapping[str, str] | None) -> str | None:
    """A text of a receipt, if it can be made from one of the templates (by language); else None."""
    if text is None or any(may_fill(template, text) for template in (templates or {}).values()):
        return text
    return None
