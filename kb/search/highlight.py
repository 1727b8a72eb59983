"""The passage of a text that shows best why it was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from kb.domain.language import primary_subtag
from kb.search.analysis import UNSPACED, WORD, index_term, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

WINDOW = 240
"""About how many characters of a text are shown."""

_ELLIPSIS = "…"
_BREAKS = frozenset(" \n\t.,;:!?()[]{}/|-#@&*+=<>%$^~\\_…–—")
"""Characters that no word goes on across."""

_BEGIN, _END = "\x02", "\x03"
"""Stand for the marks while a passage is escaped; no text that is stored holds them."""


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


Mark = tuple[int, int, str]
"""A part of a text that matches: where it begins and ends, and by which term. A plain tuple, since many are made."""


def highlight(text: str, language: str, wanted: Wanted) -> str | None:
    """The best passage as HTML, escaped, with <mark> around what matches; None when nothing does."""
    return highlight_all([text], language, wanted)[0]


def highlight_all(texts: Sequence[str], language: str, wanted: Wanted) -> list[str | None]:
    """The same for several texts in one language, at the price of one."""
    passages: list[str | None] = [None] * len(texts)
    marks = find_marks("\n".join(texts), language, wanted)
    position = start = 0
    for number, text in enumerate(texts):
        if position == len(marks):
            break
        end = start + len(text)
        first = position
        while position < len(marks) and marks[position][0] < end:
            position += 1
        # No phrase runs from one text into the next.
        here = [(a - start, b - start, term) for a, b, term in marks[first:position] if b <= end]
        if here:
            passages[number] = _passage(text, here)
        start = end + 1
    return passages


def _passage(text: str, marks: list[Mark]) -> str:
    first, last = _best_window(marks)
    start, end = _around(text, marks[first][0], marks[last][1])
    parts = []
    position = start
    for begin, stop, _ in marks[first : last + 1]:
        parts += (text[position:begin], _BEGIN, text[begin:stop], _END)
        position = stop
    parts.append(text[position:end])
    # Escaped first, then marked: the text is other people's.
    passage = escape("".join(parts)).replace(_BEGIN, "<mark>").replace(_END, "</mark>")
    return f"{_ELLIPSIS if start > 0 else ''}{passage}{_ELLIPSIS if end < len(text) else ''}"


def find_marks(text: str, language: str, wanted: Wanted) -> list[Mark]:
    """What is to be marked in a text, in order and without overlap."""
    lowered = text.casefold()
    # Where folding changes the length, or words run into each other, places do not tell of words.
    if not text.isascii() and (len(lowered) != len(text) or UNSPACED.search(text) is not None):
        found = list(_all_tokens(text, language, wanted))
    else:
        found = list(_named_words(text, lowered, language, wanted))
    if not found:
        return []
    marks = [mark for mark in found if mark[2] in wanted.loose]
    for phrase in wanted.phrases:
        marks += _phrases(text, language, found, phrase)
    return _joined(sorted(marks))


def _all_tokens(text: str, language: str, wanted: Wanted) -> Iterator[Mark]:
    terms = wanted.loose.union(*(place for phrase in wanted.phrases for place in phrase))
    for token in tokens(text, language):
        if token.term in terms:
            yield token.start, token.end, token.term


def _named_words(text: str, lowered: str, language: str, wanted: Wanted) -> Iterator[Mark]:
    """The words of a text that are wanted, found by looking for them instead of cutting up the text."""
    primary = primary_subtag(language)
    for form, terms in wanted.forms.items():
        start = lowered.find(form)
        if start < 0:
            continue
        term = index_term(form, primary)
        if term not in terms:
            continue
        while start >= 0:
            end = start + len(form)
            if _is_word(text, start, end):
                yield start, end, term
            start = lowered.find(form, end)


def _is_word(text: str, start: int, end: int) -> bool:
    """Whether a word of the text begins and ends here."""
    before = text[start - 1] if start > 0 else " "
    after = text[end] if end < len(text) else " "
    if before in _BREAKS and after in _BREAKS:
        return True
    if (before.isascii() and before.isalnum()) or (after.isascii() and after.isalnum()):
        return False
    # What stands beside may join letters into one word: cut from where no word can have begun earlier.
    blank = max(text.rfind(" ", 0, start), text.rfind("\n", 0, start)) + 1
    for match in WORD.finditer(text, blank):
        if match.start() >= start:
            return match.start() == start and match.end() == end
    return False


def _phrases(
    text: str, language: str, found: list[Mark], phrase: tuple[frozenset[str], ...]
) -> Iterator[Mark]:
    """The places where words follow each other as a phrase says."""
    if not phrase:
        return
    for start, _, term in sorted(found):
        if term not in phrase[0]:
            continue
        following = tokens(text[start : start + WINDOW * 2], language)
        end = None
        for number, (place, token) in enumerate(zip(phrase, following, strict=False), 1):
            if token.term not in place:
                break
            if number == len(phrase):
                end = start + token.end
        if end is not None:
            yield start, end, term


def _joined(marks: list[Mark]) -> list[Mark]:
    """Marks that overlap become one; the same place is marked once."""
    joined: list[Mark] = []
    reached = 0
    for mark in marks:
        if joined and mark[0] < reached:
            start, end, term = joined[-1]
            joined[-1] = (start, max(end, mark[1]), term)
        else:
            joined.append(mark)
        reached = joined[-1][1]
    return joined


def _best_window(marks: list[Mark]) -> tuple[int, int]:
    """The run of marks, no longer than a window, with the most different terms; of equals, the first."""
    final = len(marks) - 1
    if marks[final][1] - marks[0][0] <= WINDOW:
        return 0, final
    best, best_value = (0, 0), (0, 0)
    last = 0
    for first in range(len(marks)):
        last = max(last, first)
        while last < final and marks[last + 1][1] - marks[first][0] <= WINDOW:
            last += 1
        value = (len({mark[2] for mark in marks[first : last + 1]}), last - first + 1)
        if value > best_value:
            best, best_value = (first, last), value
        if last == final:
            break
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
