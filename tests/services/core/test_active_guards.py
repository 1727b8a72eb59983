"""The guards that checks use: active ones, of published incidents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask

from kb.services.core.active_guards import LessonGuard, active_lesson_guards
from tests.support.api import Api
from tests.support.incidents import lesson_guard


def test_guards_count_while_their_incident_is_published(any_app: Flask, any_role: Callable[..., Api]) -> None:
    reviewer = any_role("reviewer")

    lessons: list[dict[str, Any]] = [
        {"text": "One.", "guard": lesson_guard()},
        {"text": "Two."},
        {"text": "Three.", "guard": lesson_guard(active=False)},
    ]

    def current() -> list[LessonGuard]:
        with any_app.app_context():
            return active_lesson_guards()

    before = current()
    filed = reviewer.file(lessons=lessons, visibility="team")
    path, shown = f"/incidents/{filed['id']}", filed["lessons"][0]
    assert current() == before
    assert reviewer.step(path, "publish").status_code == 200
    (row,) = [row for row in current() if row not in before]
    assert (row.guard, row.lesson_id, row.incident_id) == (shown["guard"], shown["id"], filed["id"])
    assert (row.status, row.visibility) == ("published", "team")
    reviewer.patch(path, {"lessons": [{**lesson, "guard": None} for lesson in lessons]}, If_Match="*")
    assert current() == before
    reviewer.patch(path, {"lessons": lessons}, If_Match="*")
    assert reviewer.delete(path, If_Match="*").status_code == 204
    assert current() == before
