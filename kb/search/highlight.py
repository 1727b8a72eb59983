"""The passage of a text that shows best why it was found."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from kb.search.analysis import Token, tokens

if TYPE_CHECKING:
    from collections.abc import Collection

WINDOW = 240
"""About how many characters of a text are shown."""

_ELLIPSIS = "…"


def highlight(text: str, language: str, matched: Collection[str]) -> str | None:
    """The best passage as HTML, escaped, with <mark> around the words that match; None when none does."""
    marks = [token for token in tokens(text, language) if token.term in matched]
    if not marks:
        return None
    first, last = _best_window(marks)
    start, end = _around(text, marks[first].start, marks[last].end)
    parts = [_ELLIPSIS] if start > 0 else []
    position = start
    for token in marks[first : last + 1]:
        parts.append(escape(text[position : token.start]))
        parts.append(f"<mark>{escape(text[token.start : token.end])}</mark>")
        position = token.end
    parts.append(escape(text[position:end]))
    if end < len(text):
        parts.append(_ELLIPSIS)
    return "".join(parts)


def _best_window(marks: list[Token]) -> tuple[int, int]:
    """The run of marks, no longer than a window, with the most different terms; of equals, the first."""
    best, best_value = (0, 0), (0, 0)
    last = 0
    for first in range(len(marks)):
        last = max(last, first)
        while last + 1 < len(marks) and marks[last + 1].end - marks[first].start <= WINDOW:
            last += 1
        run = marks[first : last + 1]
        value = (len({token.term for token in run}), len(run))
        if value > best_value:
            best, best_value = (first, last), value
    return best


def _around(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a passage to about a window, and to whole words."""
    margin = max(0, WINDOW - (end - start)) // 2
    left, right = max(0, start - margin), min(len(text), end + margin)
    if left > 0:
        space = text.find(" ", left, start)
        left = space + 1 if space >= 0 else start
    if right < len(text):
        space = text.rfind(" ", end, right)
        right = space if space >= 0 else end
    return left, right
