"""Which fields two states of an incident differ in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VOLATILE = frozenset(
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
"""What follows from other fields, or from the write itself."""

_BY_LANGUAGE = "translations"


def content(state: Mapping[str, Any]) -> dict[str, Any]:
    """What people wrote of a snapshot, flat, by JSON pointer: `/cause`, `/translations/he/cause`.

    Lessons are compared by what they say, not by their ids.
    """
    return dict(_flat(state))


def _flat(state: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in state.items():
        if name == _BY_LANGUAGE:
            for language, texts in value.items():
                for pointer, text in _flat(texts):
                    yield f"/{_BY_LANGUAGE}/{language}{pointer}", text
        elif name == "lessons":
            yield "/lessons", [lesson["text"] for lesson in value]
        elif name == "occurred_on":
            yield "/occurred_on", partial_date(state)
        elif name not in VOLATILE:
            yield f"/{name}", value


def partial_date(state: Mapping[str, Any]) -> str | None:
    """The date of a snapshot, no more precise than it is known: `2018`, `2018-05`, `2018-05-16`."""
    day: str | None = state["occurred_on"]
    return None if day is None else day[: {"day": 10, "month": 7, "year": 4}[state["occurred_precision"]]]


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The JSON pointers of what differs between two snapshots, in the order of the later one."""
    old, new = content(before), content(after)
    return [pointer for pointer in {**new, **old} if old.get(pointer) != new.get(pointer)]
