"""A text in which some places are marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Part(NamedTuple):
    """A part of a text, marked or not."""

    text: str
    is_marked: bool


def marked_parts(text: str, spans: Iterable[Mapping[str, Any]]) -> list[Part]:
    """The parts of a text in order; spans (`start`, `end`) that overlap or touch become one."""
    parts: list[Part] = []
    position = 0
    for start, end in _merged(spans):
        if start > position:
            parts.append(Part(text[position:start], False))
        parts.append(Part(text[start:end], True))
        position = end
    if position < len(text):
        parts.append(Part(text[position:], False))
    return parts


def _merged(spans: Iterable[Mapping[str, Any]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted((span["start"], span["end"]) for span in spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
