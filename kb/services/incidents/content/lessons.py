"""The lessons of an incident: written in the original's language, translated, restored."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from kb.errors import FieldError, InvalidInput
from kb.messages import Message, counted
from kb.models import Lesson, LessonText

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.models import Incident

_UNKNOWN = Message("This incident has no such lesson.")
_REPEATED = Message("This lesson is in the list already.")


def write_lessons(
    incident: Incident, language: str, items: Sequence[Mapping[str, Any]], version: int
) -> None:
    """Replace the lessons in the original's language. Each item has a `text`, and optionally the `id` of a
    lesson and its `guard` (None: no guard).

    An item with an id, or with the same text as before, keeps its lesson's id and translations, and the guard
    unless it has one of its own. A changed text gets `version`. Raises InvalidInput for an
    id that is unknown or used twice.
    """
    before = _texts(incident, language)
    by_id = {lesson.id: lesson for lesson in incident.lessons if lesson.id is not None}
    by_text: dict[str, list[Lesson]] = defaultdict(list)
    for lesson in incident.lessons:
        by_text[lesson.texts[language].text].append(lesson)
    lessons: list[Lesson] = []
    errors: list[FieldError] = []
    for position, item in enumerate(items):
        if "id" not in item:
            unused = [lesson for lesson in by_text[item["text"]] if lesson not in lessons]
            lesson = unused[0] if unused else Lesson()
        elif item["id"] not in by_id:
            errors.append(FieldError(f"/lessons/{position}/id", _UNKNOWN))
            continue
        elif by_id[item["id"]] in lessons:
            errors.append(FieldError(f"/lessons/{position}/id", _REPEATED))
            continue
        else:
            lesson = by_id[item["id"]]
        lesson.position = position
        _write_text(lesson, language, item["text"])
        _write_guard(lesson, item)
        lessons.append(lesson)
    if errors:
        raise InvalidInput(errors)
    incident.lessons = lessons
    if before != _texts(incident, language):
        incident.texts[language].version = version


def translate_lessons(incident: Incident, language: str, items: Sequence[Mapping[str, Any] | None]) -> None:
    """Replace the lessons in another language, each item a `text`, maybe the `id` of a lesson, and maybe its
    `guard`, which is the same in every language.

    With ids, lessons that are not among the items lose their translation. Without, the items are in the order
    of the original's, as many as it has, None for a lesson without a translation; no items remove all
    translations. Raises InvalidInput for an id that is unknown or used twice, for some items with an id and
    some without, or for a wrong number of items.
    """
    given = [item for item in items if item is not None]
    by_id = any("id" in item for item in given)
    translated = _lessons_by_id(incident, given) if by_id else _lessons_in_order(incident, items)
    for lesson in incident.lessons:
        if lesson not in translated:
            lesson.texts.pop(language, None)
    for lesson, item in zip(translated, given if by_id else items, strict=True):
        if item is None:
            lesson.texts.pop(language, None)
            continue
        _write_text(lesson, language, item["text"])
        _write_guard(lesson, item)


def _lessons_by_id(incident: Incident, items: Sequence[Mapping[str, Any]]) -> list[Lesson]:
    by_id = {lesson.id: lesson for lesson in incident.lessons}
    lessons: dict[int, Lesson] = {}
    errors: list[FieldError] = []
    for position, item in enumerate(items):
        if "id" not in item:
            errors.append(
                FieldError(f"/lessons/{position}", Message("Name the `id` of every lesson, or of none."))
            )
        elif item["id"] not in by_id:
            errors.append(FieldError(f"/lessons/{position}/id", _UNKNOWN))
        elif item["id"] in lessons:
            errors.append(FieldError(f"/lessons/{position}/id", _REPEATED))
        else:
            lessons[item["id"]] = by_id[item["id"]]
    if errors:
        raise InvalidInput(errors)
    return [*lessons.values()]


def _lessons_in_order(incident: Incident, items: Sequence[Mapping[str, Any] | None]) -> list[Lesson]:
    if items and len(items) != len(incident.lessons):
        detail = counted(
            "Send {num} lesson, as many as the original has, or none; or name the `id` of each.",
            "Send {num} lessons, as many as the original has, or none; or name the `id` of each.",
            len(incident.lessons),
        )
        raise InvalidInput([FieldError("/lessons", detail)])
    return incident.lessons[: len(items)]


def restore_lessons(
    incident: Incident, earlier: Mapping[str, Sequence[Mapping[str, Any]]], version: int
) -> None:
    """Restore the lessons of an earlier state, a list of `id` and `text` for each of its languages, with the
    `guard` in the original language.

    A lesson that still exists keeps its translations into other languages. A deleted one returns under its
    old id, which is never reused.
    """
    language = incident.language
    before = _texts(incident, language)
    ids = [item["id"] for item in earlier[language]]
    by_id = {lesson.id: lesson for lesson in incident.lessons}
    by_text = {lesson.texts[language].text: lesson for lesson in incident.lessons}
    by_text = {text: lesson for text, lesson in by_text.items() if lesson.id not in ids}
    restored = {
        item["id"]: by_id.get(item["id"]) or by_text.pop(item["text"], None) or Lesson(id=item["id"])
        for item in earlier[language]
    }
    for position, item in enumerate(earlier[language]):
        lesson = restored[item["id"]]
        lesson.position = position
        # States from early releases have no guards.
        _write_guard(lesson, {"guard": item.get("guard")})
        for tag, items in earlier.items():
            text = next((other["text"] for other in items if other["id"] == item["id"]), None)
            if text is None:
                lesson.texts.pop(tag, None)
            else:
                _write_text(lesson, tag, text)
    incident.lessons = [*restored.values()]
    if before != _texts(incident, language):
        incident.texts[language].version = version


def _texts(incident: Incident, language: str) -> list[tuple[int, str]]:
    return [(lesson.id, lesson.texts[language].text) for lesson in incident.lessons]


def _write_text(lesson: Lesson, language: str, text: str) -> None:
    current = lesson.texts.get(language)
    if current is None:
        lesson.texts[language] = LessonText(language=language, text=text)
    elif current.text != text:
        current.text = text


def _write_guard(lesson: Lesson, item: Mapping[str, Any]) -> None:
    if "guard" in item and lesson.guard != item["guard"]:
        lesson.guard = item["guard"]
