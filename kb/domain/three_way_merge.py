"""Merging a change into a state that has changed meanwhile, field by field.

A state is a snapshot of an incident in all its languages, as `kb.services.core.presenters` makes it.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from kb.domain.field_diff import changed_fields, content
from kb.domain.incident import TEXT_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_TRANSLATIONS = "translations"

_FIXED_FIELDS = frozenset(
    {
        "id",
        "slug",
        "external_id",
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
    """The JSON pointers of the editable fields in which two states differ.

    A translation that is up to date only in `after` counts as the field `/translations/he/outdated`.
    """
    confirmed = outdated_translations(before) - outdated_translations(after)
    return [
        *(pointer for pointer in changed_fields(before, after) if pointer.split("/")[1] not in _FIXED_FIELDS),
        *(f"/{_TRANSLATIONS}/{tag}/outdated" for tag in sorted(confirmed & after[_TRANSLATIONS].keys())),
    ]


def outdated_translations(state: Mapping[str, Any]) -> set[str]:
    """The languages of the translations that are older than the original text."""
    # Snapshots of early releases do not say when the original was written.
    written = state.get("text_version", 0)
    return {tag for tag, text in state[_TRANSLATIONS].items() if text["version"] < written}


def edited_language(pointers: Iterable[str], original: str) -> str:
    """The language of the only translation that some fields belong to, or else the original's."""
    languages = {
        pointer.split("/")[2] if pointer.startswith(f"/{_TRANSLATIONS}/") else original
        for pointer in pointers
    }
    return languages.pop() if len(languages) == 1 else original


def merge(
    base: Mapping[str, Any], current: Mapping[str, Any], changed: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """Apply the edits from `base` to `changed` to the current state.

    Returns the merged state, and the JSON pointers of the conflicts: fields that were edited differently in
    both. In those, the merged state is that of `changed`.
    """
    edits, others = edited_fields(base, changed), set(edited_fields(base, current))
    ours, theirs = content(changed), content(current)
    conflicts = [
        pointer for pointer in edits if pointer in others and ours.get(pointer) != theirs.get(pointer)
    ]
    merged = deepcopy(dict(current))
    for pointer in edits:
        _copy_field(pointer, changed, merged)
    if any(map(_is_original_text, edits)):
        merged["text_version"] = current["version"] + 1
    outdated = outdated_translations(changed)
    if any(map(_is_original_text, others)):
        outdated |= changed[_TRANSLATIONS].keys()
    for tag in {pointer.split("/")[2] for pointer in edits if pointer.startswith(f"/{_TRANSLATIONS}/")}:
        merged[_TRANSLATIONS][tag]["version"] = merged["text_version"] - (tag in outdated)
    return merged, conflicts


def _is_original_text(pointer: str) -> bool:
    return pointer[1:] in (*TEXT_FIELDS, "lessons")


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
