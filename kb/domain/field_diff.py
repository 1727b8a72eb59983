"""The fields that differ between two snapshots of an incident."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DERIVED_FIELDS = frozenset(
    {
        "version",
        "text_version",
        "updated_at",
        "published_at",
        "languages",
        "outdated",
        "occurred_precision",
    }
)
"""Fields that follow from other fields or from the write itself."""

_TRANSLATIONS = "translations"


def content(state: Mapping[str, Any]) -> dict[str, Any]:
    """The editable fields of a snapshot by JSON pointer: `/cause`, `/translations/he/cause`.

    Lessons are reduced to their texts: their ids do not count as content.
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
        elif name == "occurred_on":
            yield "/occurred_on", partial_date(state)
        elif name not in DERIVED_FIELDS:
            yield f"/{name}", value


def partial_date(state: Mapping[str, Any]) -> str | None:
    """The date of a snapshot at its precision: `2018`, `2018-05` or `2018-05-16`."""
    day: str | None = state["occurred_on"]
    return None if day is None else day[: {"day": 10, "month": 7, "year": 4}[state["occurred_precision"]]]


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The JSON pointers of fields that differ between two snapshots, in the order of `after`."""
    old, new = content(before), content(after)
    return [pointer for pointer in {**new, **old} if old.get(pointer) != new.get(pointer)]
