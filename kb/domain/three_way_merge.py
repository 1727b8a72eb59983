"""Merge an edit into a state that has changed in the meantime, field by field and lesson by lesson.

A state is a snapshot of an incident in all its languages, as `kb.services.core.presenters` makes it.
"""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kb.domain.dates import MOMENTS, out_of_order
from kb.domain.field_diff import changed_fields, content, is_guard
from kb.domain.incident import TEXT_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    _LessonsById = Mapping[int, Mapping[str, Any]]

Lessons = list[dict[str, Any]]
"""The lessons of a state in one language, each with `id` and `text`, and in the original also `guard`."""

_LESSON_FIELDS = ("text", "guard")

_TRANSLATIONS = "translations"

_FIXED_FIELDS = frozenset(
    {
        "id",
        "slug",
        "external_id",
        "collection",
        "status",
        "language",
        "original_language",
        "team",
        "author",
        "created_at",
        "duplicate_of",
    }
)
"""Fields of a state that no edit changes."""


def edited_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The JSON pointers of the editable fields that differ between two states.

    A translation that became up to date in `after` is reported as `/translations/he/outdated`.
    """
    confirmed = outdated_translations(before) - outdated_translations(after)
    return [
        *(pointer for pointer in changed_fields(before, after) if pointer.split("/")[1] not in _FIXED_FIELDS),
        *(f"/{_TRANSLATIONS}/{tag}/outdated" for tag in sorted(confirmed & after[_TRANSLATIONS].keys())),
    ]


def outdated_translations(state: Mapping[str, Any]) -> set[str]:
    """The languages of the translations that are older than the original text."""
    # Snapshots of early releases do not record the version of the original text.
    written = state.get("text_version", 0)
    return {tag for tag, text in state[_TRANSLATIONS].items() if text["version"] < written}


def edited_language(pointers: Iterable[str], original: str) -> str:
    """The language that all the fields belong to; the original's if there are several."""
    languages = {_language_of(pointer) or original for pointer in pointers}
    return languages.pop() if len(languages) == 1 else original


def merge(
    base: Mapping[str, Any], current: Mapping[str, Any], changed: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """Apply the edits from `base` to `changed` to the current state.

    Returns the merged state and the JSON pointers of the conflicts: fields edited differently on both sides,
    for which `changed` wins, and times whose order is wrong only after the merge.
    """
    edits, others = edited_fields(base, changed), edited_fields(base, current)
    ours, theirs = content(changed), content(current)
    contested = set(map(_merged_field, others))
    merged = deepcopy(dict(current))
    conflicts = []
    for pointer in dict.fromkeys(map(_merged_field, edits)):
        clashes = pointer in contested and ours.get(pointer) != theirs.get(pointer)
        if pointer.endswith("/lessons") and pointer in contested:
            clashes = _merge_lessons(pointer, base, changed, merged)
        else:
            _copy_field(pointer, changed, merged)
        if clashes:
            conflicts.append(pointer)
    _mark_outdated(merged, edits, others, changed, current["version"] + 1)
    name = out_of_order({name: _moment(merged.get(name)) for name in MOMENTS})
    if name is not None and f"/{name}" not in conflicts:
        conflicts.append(f"/{name}")
    return merged, conflicts


def merge_lessons(base: Lessons, current: Lessons, changed: Lessons) -> tuple[Lessons, bool]:
    """Merge lists of lessons by their ids: what either side added or removed is added or removed.

    The order follows `changed`; a lesson that only `current` has stays behind the one it follows there.
    Text and guard of a lesson are merged separately. Also returns whether there is a conflict: a field
    changed differently on both sides, or a lesson removed on one and changed on the other; `changed` wins.
    """
    before, theirs, ours = ({item["id"]: item for item in items} for items in (base, current, changed))
    order = [item["id"] for item in changed if item["id"] not in before or item["id"] in theirs]
    previous = None
    for item in current:
        number = item["id"]
        if number not in ours and number not in before:
            order.insert(order.index(previous) + 1 if previous in order else 0, number)
        previous = number
    conflict = any(
        _value(theirs, number, name) != value
        and _value(ours, number, name) not in (value, _value(theirs, number, name))
        for number, item in before.items()
        for name, value in ((name, item.get(name)) for name in _LESSON_FIELDS)
    )
    merged = [_merge_lesson(number, before, theirs, ours) for number in order]
    removed_by_them = [item for item in changed if item["id"] in before and item["id"] not in theirs]
    # Removed there and changed here: the conflict is reported, and the lesson stays.
    merged += [dict(item) for item in removed_by_them if _edits(item["id"], before, ours)]
    return merged, conflict


def _merge_lesson(
    number: int, before: _LessonsById, theirs: _LessonsById, ours: _LessonsById
) -> dict[str, Any]:
    """Their version of a lesson with our edits applied; our version if they have removed it."""
    if number not in theirs:
        return dict(ours[number])
    return {**theirs[number], **_edits(number, before, ours)}


def _edits(number: int, before: _LessonsById, after: _LessonsById) -> dict[str, Any]:
    """The fields of a lesson that were edited."""
    return {
        name: value
        for name, value in after.get(number, {}).items()
        if name in _LESSON_FIELDS and value != _value(before, number, name)
    }


def _value(lessons: _LessonsById, number: int, name: str) -> Any:
    """A field of a lesson; `...`, which equals no value, if the lesson does not exist."""
    return lessons[number].get(name) if number in lessons else ...


def _merge_lessons(
    pointer: str, base: Mapping[str, Any], changed: Mapping[str, Any], merged: dict[str, Any]
) -> bool:
    """Merge the lessons at a pointer into `merged`, and return whether they conflict."""
    language = _language_of(pointer)

    def lessons(state: Mapping[str, Any]) -> Lessons:
        part = state if language is None else state[_TRANSLATIONS].get(language, {})
        items: Lessons = part.get("lessons", [])
        return items

    target = merged if language is None else merged[_TRANSLATIONS][language]
    target["lessons"], conflict = merge_lessons(lessons(base), lessons(merged), lessons(changed))
    return conflict


def _mark_outdated(
    merged: dict[str, Any],
    edits: Sequence[str],
    others: Iterable[str],
    changed: Mapping[str, Any],
    version: int,
) -> None:
    """Set the text versions in a merged state so that they show which translations are outdated."""
    if any(map(_is_original_text, edits)):
        merged["text_version"] = version
    outdated = outdated_translations(changed)
    if any(map(_is_original_text, others)):
        outdated |= changed[_TRANSLATIONS].keys()
    for tag in {language for pointer in edits if (language := _language_of(pointer)) is not None}:
        merged[_TRANSLATIONS][tag]["version"] = merged["text_version"] - (tag in outdated)


def _merged_field(pointer: str) -> str:
    """The field under which a change is merged: guards are merged with their lessons."""
    return "/lessons" if is_guard(pointer) else pointer


def _language_of(pointer: str) -> str | None:
    """The language of the translation that a pointer refers to; None for the original and the facts."""
    return pointer.split("/")[2] if pointer.startswith(f"/{_TRANSLATIONS}/") else None


def _is_original_text(pointer: str) -> bool:
    return pointer[1:] in (*TEXT_FIELDS, "lessons")


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _copy_field(pointer: str, source: Mapping[str, Any], target: dict[str, Any]) -> None:
    name, *rest = pointer[1:].split("/")
    if name != _TRANSLATIONS:
        target[name] = deepcopy(source[name])
        if name == "occurred_on":
            target["occurred_precision"] = source["occurred_precision"]
        return
    language, field = rest
    theirs, ours = target[_TRANSLATIONS], source[_TRANSLATIONS][language]
    if language not in theirs:
        theirs[language] = deepcopy(ours)
    elif field != "outdated":
        theirs[language][field] = deepcopy(ours[field])
