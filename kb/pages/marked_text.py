"""A text with marked spans, in blocks of lines with the same direction."""

from __future__ import annotations

import re
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar
from unicodedata import bidirectional

from kb.guards.links import links_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Self

TAG = re.compile(r"(?<![\w&])[#@]\w+")
"""A hashtag or a handle; not the number of an escaped character, such as `&#39;`."""

_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


class Part(NamedTuple):
    """A part of a text, marked or not."""

    text: str
    is_marked: bool

    def piece(self, start: int, end: int) -> Part:
        """Return a slice of the part, by offsets within it."""
        return self._replace(text=self.text[start:end])


class _Stretch(Protocol):
    @property
    def text(self) -> str: ...

    def piece(self, start: int, end: int) -> Self: ...


_S = TypeVar("_S", bound=_Stretch)


class Block(NamedTuple, Generic[_S]):
    """Lines of a text with the same direction, `ltr` or `rtl`: their parts, marked or not."""

    direction: str
    parts: list[_S]


def found_parts(text: str, findings: Iterable[Mapping[str, Any]]) -> list[Part]:
    """Split a text into parts, with the places of a check's findings marked."""
    return marked_parts(text, [finding["span"] for finding in findings if finding["span"] is not None])


def marked_parts(text: str, spans: Iterable[Mapping[str, Any]]) -> list[Part]:
    """Split a text into parts in order; spans (`start`, `end`) that overlap or touch are merged."""
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


def blocks(parts: Iterable[_S]) -> list[Block[_S]]:
    """Group the parts of a text into blocks; a part that continues in the next block is split between lines.

    The direction of a line is that of its first letter outside hashtags, handles, links and addresses. A
    line without one has the direction of the text, which is that of its first line with one.
    """
    parts = [*parts]
    lengths = _directed_lengths("".join(part.text for part in parts))
    found: list[Block[_S]] = []
    room = 0
    for part in parts:
        start = 0
        while start < len(part.text):
            if room == 0:
                direction, room = next(lengths)
                found.append(Block(direction, []))
            end = min(start + room, len(part.text))
            found[-1].parts.append(part.piece(start, end))
            start, room = end, room - (end - start)
    return found


def first_direction(text: str) -> str | None:
    """Return the direction of the first letter of a text; None if it has no letter."""
    kinds = (bidirectional(sign) for sign in text)
    first = next((kind for kind in kinds if kind in ("L", "R", "AL")), None)
    return first and ("ltr" if first == "L" else "rtl")


def _directed_lengths(text: str) -> Iterator[tuple[str, int]]:
    """Yield the direction of each block of a text, with its length in characters."""
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    own = [_line_direction(line) for line in lines]
    direction = whole = next(filter(None, own), None) or first_direction(text) or "ltr"
    directed = []
    for line, line_direction in zip(lines, own, strict=True):
        # An empty line has no visible direction, so it starts no block.
        direction = line_direction or (whole if line.strip() else direction)
        directed.append((direction, len(line)))
    for direction, group in groupby(directed, key=itemgetter(0)):
        yield direction, sum(length for _direction, length in group)


def _line_direction(line: str) -> str | None:
    """Return the direction of a line's first letter outside hashtags, handles, links and addresses."""
    for link in reversed(links_in(line)):
        line = line[: link.start] + line[link.end :]
    return first_direction(TAG.sub("", _MAIL.sub("", line)))


def _merged(spans: Iterable[Mapping[str, Any]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted((span["start"], span["end"]) for span in spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
