"""The passage of a text that shows best why it was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from kb.domain.language import primary_subtag
from kb.search.analysis import UNSPACED, WORD, index_term, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

WINDOW = 240
"""About how many characters of a text are shown."""

_ELLIPSIS = "…"
_WORD_BEFORE = 120
"""How far before a place a word that it is part of may begin."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to mark in a text.

    `forms` maps each word as it stands in texts, case-folded, to the index terms that it was indexed under;
    `loose` are the terms that are marked wherever they stand; `phrases` are runs of terms, each place a set of
    them, that are marked only where they follow each other.
    """

    forms: Mapping[str, frozenset[str]] = field(default_factory=dict)
    loose: frozenset[str] = frozenset()
    phrases: tuple[tuple[frozenset[str], ...], ...] = ()


NOTHING_WANTED = Wanted()


class Mark(NamedTuple):
    """A part of a text that matches, and by what."""

    start: int
    end: int
    term: str


def highlight(text: str, language: str, wanted: Wanted) -> str | None:
    """The best passage as HTML, escaped, with <mark> around what matches; None when nothing does."""
    marks = find_marks(text, language, wanted)
    if not marks:
        return None
    first, last = _best_window(marks)
    start, end = _around(text, marks[first].start, marks[last].end)
    parts = [_ELLIPSIS] if start > 0 else []
    position = start
    for mark in marks[first : last + 1]:
        parts.append(escape(text[position : mark.start]))
        parts.append(f"<mark>{escape(text[mark.start : mark.end])}</mark>")
        position = mark.end
    parts.append(escape(text[position:end]))
    if end < len(text):
        parts.append(_ELLIPSIS)
    return "".join(parts)


def find_marks(text: str, language: str, wanted: Wanted) -> list[Mark]:
    """What is to be marked in a text, in order and without overlap."""
    lowered = text.casefold()
    # Where folding changes the length, or words run into each other, places do not tell of words.
    if len(lowered) != len(text) or UNSPACED.search(text) is not None:
        found = list(_all_tokens(text, language, wanted))
    else:
        found = list(_named_words(text, lowered, language, wanted))
    marks = [mark for mark in found if mark.term in wanted.loose]
    for phrase in wanted.phrases:
        marks += _phrases(text, language, found, phrase)
    return _joined(sorted(marks))


def _all_tokens(text: str, language: str, wanted: Wanted) -> Iterator[Mark]:
    terms = wanted.loose.union(*(place for phrase in wanted.phrases for place in phrase))
    for token in tokens(text, language):
        if token.term in terms:
            yield Mark(token.start, token.end, token.term)


def _named_words(text: str, lowered: str, language: str, wanted: Wanted) -> Iterator[Mark]:
    """The words of a text that are wanted, found by looking for them instead of cutting up the text."""
    primary = primary_subtag(language)
    for form, terms in wanted.forms.items():
        start = lowered.find(form)
        while start >= 0:
            end = start + len(form)
            if _is_word(text, start, end):
                term = index_term(text[start:end], primary)
                if term in terms:
                    yield Mark(start, end, term)
            start = lowered.find(form, end)


def _is_word(text: str, start: int, end: int) -> bool:
    """Whether a word of the text begins and ends here."""
    if start > 0 and (text[start - 1].isalnum() or not text[start - 1].isascii() or text[start - 1] in "'`\""):
        # What stands before may join letters into one word: cut it from where no word can have begun earlier.
        blank = max(text.rfind(" ", 0, start), text.rfind("\n", 0, start)) + 1
        origin = blank if start - blank < _WORD_BEFORE else 0
        for match in WORD.finditer(text, origin):
            if match.start() >= start:
                return match.start() == start and match.end() == end
        return False
    match = WORD.match(text, start)
    return match is not None and match.end() == end


def _phrases(
    text: str, language: str, found: list[Mark], phrase: tuple[frozenset[str], ...]
) -> Iterator[Mark]:
    """The places where words follow each other as a phrase says."""
    if not phrase:
        return
    for mark in sorted(found):
        if mark.term not in phrase[0]:
            continue
        following = tokens(text[mark.start : mark.start + WINDOW * 2], language)
        end = None
        for number, (place, token) in enumerate(zip(phrase, following, strict=False), 1):
            if token.term not in place:
                break
            if number == len(phrase):
                end = mark.start + token.end
        if end is not None:
            yield Mark(mark.start, end, mark.term)


def _joined(marks: list[Mark]) -> list[Mark]:
    """Marks that overlap become one; the same place is marked once."""
    joined: list[Mark] = []
    for mark in marks:
        if joined and mark.start < joined[-1].end:
            last = joined[-1]
            joined[-1] = Mark(last.start, max(last.end, mark.end), last.term)
        else:
            joined.append(mark)
    return joined


def _best_window(marks: list[Mark]) -> tuple[int, int]:
    """The run of marks, no longer than a window, with the most different terms; of equals, the first."""
    best, best_value = (0, 0), (0, 0)
    last = 0
    for first in range(len(marks)):
        last = max(last, first)
        while last + 1 < len(marks) and marks[last + 1].end - marks[first].start <= WINDOW:
            last += 1
        run = marks[first : last + 1]
        value = (len({mark.term for mark in run}), len(run))
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
