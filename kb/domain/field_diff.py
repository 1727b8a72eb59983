"""The fields that differ between two snapshots of an incident."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kb.domain.dates import truncate_date

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

DERIVED_FIELDS = frozenset(
    {"version", "text_version", "updated_at", "published_at", "languages", "outdated", "occurred_precision"}
)
"""Fields that follow from other fields or from the write itself."""

_TRANSLATIONS = "translations"


class FieldChange(NamedTuple):
    """A field that differs between two snapshots. `pointer` is its JSON pointer."""

    pointer: str
    before: Any
    after: Any


def content(state: Mapping[str, Any]) -> dict[str, Any]:
    """The editable fields of a snapshot by JSON pointer: `/cause`, `/translations/he/cause`.

    Lessons are reduced to their texts: their ids are not content. The guard of each lesson is a separate
    field: `/lessons/0/guard`.
    """
    return dict(_flatten(state))


def _flatten(state: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in state.items():
        if name == _TRANSLATIONS:
            for language, texts in value.items():
                for pointer, text in _flatten(texts):
                    yield f"/{_TRANSLATIONS}/{language}{pointer}", text
        elif name == "lessons":
            yield "/lessons", [lesson["text"] for lesson in value]
            for position, lesson in enumerate(value):
                # Translations, and snapshots of early releases, have no guards.
                if lesson.get("guard") is not None:
                    yield f"/lessons/{position}/guard", lesson["guard"]
        elif name == "occurred_on":
            yield "/occurred_on", partial_date(state)
        elif name not in DERIVED_FIELDS:
            yield f"/{name}", value


def partial_date(state: Mapping[str, Any]) -> str | None:
    """The date of an incident in JSON form, to its precision: `2018`, `2018-05` or `2018-05-16`."""
    day: str | None = state["occurred_on"]
    return None if day is None else truncate_date(day, state["occurred_precision"])


def field_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldChange]:
    """The fields that differ between two snapshots, in the order of `after`.

    Guards are compared lesson by lesson, regardless of position; removing a lesson is not a change to its
    guard.
    """
    old, new = _without_guards(content(before)), _without_guards(content(after))
    changes = [FieldChange(name, old.get(name), new.get(name)) for name in {**new, **old}]
    return [
        *(change for change in changes if change.before != change.after),
        *_guard_changes(before.get("lessons", ()), after.get("lessons", ())),
    ]


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The JSON pointers of fields that differ between two snapshots, in the order of `after`."""
    return [change.pointer for change in field_changes(before, after)]


def is_guard(pointer: str) -> bool:
    """Whether a JSON pointer refers to the guard of a lesson."""
    return pointer.startswith("/lessons/")


def _without_guards(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {pointer: value for pointer, value in fields.items() if not is_guard(pointer)}


def _guard_changes(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> Iterator[FieldChange]:
    """The guards that differ, at their positions in `after`. Lessons are matched by id, else by text."""
    by_id = {lesson["id"]: lesson for lesson in before}
    by_text = {lesson["text"]: lesson for lesson in before}
    for position, lesson in enumerate(after):
        earlier = by_id.get(lesson["id"]) or by_text.get(lesson["text"], {})
        if earlier.get("guard") != lesson.get("guard"):
            yield FieldChange(f"/lessons/{position}/guard", earlier.get("guard"), lesson.get("guard"))
