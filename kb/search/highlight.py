"""The passage of a text that shows best why it was found."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from kb.domain.language import primary_subtag
from kb.search.analysis import UNSPACED, WORD, index_term, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

WINDOW = 240
"""About how many characters of a text are shown."""

SEPARATOR = "\x1f"
"""Stands between texts that are looked at together; like the marks below, no text that is stored holds it."""

_ELLIPSIS = "…"

_BREAKS = frozenset(["", SEPARATOR, *" \n\t.,;:!?()[]{}/|-#@&*+=<>%$^~\\_…–—"])
"""Characters that no word goes on across."""

# Rules out UNSPACED in a third of its time, in most texts: all that it knows lies here.
_FAR = re.compile("[\u0e01-\u1fff\u2c00-\U0010ffff]")

_BEGIN, _END = "\x02", "\x03"
"""Stand for the marks while a passage is escaped; no text that is stored holds them."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to mark in a text.

    `forms` maps each word as it stands in texts, case-folded, to the index terms that it was indexed under;
    `loose` are the terms that are marked wherever they stand; `phrases` are runs of terms, each place a set
    of them, that are marked only where they follow each other.
    """

    forms: Mapping[str, frozenset[str]] = field(default_factory=dict)
    loose: frozenset[str] = frozenset()
    phrases: tuple[tuple[frozenset[str], ...], ...] = ()
    _by_language: dict[str, list[tuple[str, str]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def forms_in(self, language: str) -> list[tuple[str, str]]:
        """The forms that are wanted in texts of a language (a primary subtag), each with its term there."""
        found = self._by_language.get(language)
        if found is None:
            pairs = ((form, index_term(form, language)) for form in self.forms)
            found = [(form, term) for form, term in pairs if term in self.forms[form]]
            self._by_language[language] = found
        return found


NOTHING_WANTED = Wanted()


Mark = tuple[int, int, str]
"""A part of a text that matches: where it begins and ends, and by which term. Plain, since many are made."""


def highlight(text: str, language: str, wanted: Wanted) -> str | None:
    """The best passage as HTML, escaped, with <mark> around what matches; None when nothing does."""
    return highlight_all(text, language, wanted).get(0)


def highlight_all(joined: str, language: str, wanted: Wanted) -> dict[int, str]:
    """The same for texts in one language, joined by SEPARATOR: by the number of each that matches."""
    found: dict[int, str] = {}
    marks = find_marks(joined, language, wanted)
    position = 0
    while position < len(marks):
        start, end = _text_around(joined, marks[position][0])
        first = position
        while position < len(marks) and marks[position][0] < end:
            position += 1
        found[joined.count(SEPARATOR, 0, start)] = _passage(joined, start, end, marks[first:position])
    return found


def highlight_first(joined: str, language: str, wanted: Wanted) -> dict[int, str]:
    """The same for the first text that matches only; the others are not looked at."""
    lowered = joined.casefold()
    if _is_irregular(joined, lowered):
        return dict(list(highlight_all(joined, language, wanted).items())[:1])
    forms = wanted.forms_in(primary_subtag(language))
    reached = 0
    while places := [at for form, _ in forms if (at := lowered.find(form, reached)) >= 0]:
        start, end = _text_around(joined, min(places))
        if marks := find_marks(joined[start:end], language, wanted):
            return {joined.count(SEPARATOR, 0, start): _passage(joined[start:end], 0, end - start, marks)}
        reached = end
    return {}


def _text_around(joined: str, place: int) -> tuple[int, int]:
    """Where the text begins and ends that a place is in."""
    end = joined.find(SEPARATOR, place)
    return joined.rfind(SEPARATOR, 0, place) + 1, len(joined) if end < 0 else end


def _passage(text: str, begin: int, end: int, marks: list[Mark]) -> str:
    """The best passage of a part of a text, given what is marked in it."""
    first, last = _best_window(marks)
    start, stop = _around(text, begin, end, marks[first][0], marks[last][1])
    parts: list[str] = []
    position = start
    for left, right, _ in marks[first : last + 1]:
        parts += (text[position:left], _BEGIN, text[left:right], _END)
        position = right
    parts.append(text[position:stop])
    # Escaped first, then marked: the text is other people's.
    passage = escape("".join(parts)).replace(_BEGIN, "<mark>").replace(_END, "</mark>")
    return f"{_ELLIPSIS if start > begin else ''}{passage}{_ELLIPSIS if stop < end else ''}"


def find_marks(text: str, language: str, wanted: Wanted) -> list[Mark]:
    """What is to be marked in a text, in order and without overlap."""
    lowered = text.casefold()
    if _is_irregular(text, lowered):
        found = list(_all_tokens(text, language, wanted))
    else:
        found = _named_words(text, lowered, language, wanted)
    if not found:
        return []
    marks = [mark for mark in found if mark[2] in wanted.loose]
    for phrase in wanted.phrases:
        marks += _phrases(text, language, found, phrase)
    marks.sort()
    return _joined(marks) if len(marks) > 1 else marks


def _is_irregular(text: str, lowered: str) -> bool:
    """Whether places do not tell of words: folding changes the length, or words run into each other."""
    if text.isascii():
        return False
    return len(lowered) != len(text) or (_FAR.search(text) is not None and UNSPACED.search(text) is not None)


def _all_tokens(text: str, language: str, wanted: Wanted) -> Iterator[Mark]:
    terms = wanted.loose.union(*(place for phrase in wanted.phrases for place in phrase))
    for token in tokens(text, language):
        if token.term in terms:
            yield token.start, token.end, token.term


def _named_words(text: str, lowered: str, language: str, wanted: Wanted) -> list[Mark]:
    """The words of a text that are wanted, found by looking for them instead of cutting up the text."""
    found: list[Mark] = []
    for form, term in wanted.forms_in(primary_subtag(language)):
        start = lowered.find(form)
        if start < 0:
            continue
        size = len(form)
        word = None
        while start >= 0:
            end = start + size
            # The beginning and the end of the text are empty strings here.
            before, after = text[start - 1 : start], text[end : end + 1]
            if before in _BREAKS and after in _BREAKS:
                found.append((start, end, term))
            elif not (_is_plain(before) or _is_plain(after)):
                word = _word_around(text, start, word)
                if word is not None and word.span() == (start, end):
                    found.append((start, end, term))
            start = lowered.find(form, end)
    return found


def _is_plain(character: str) -> bool:
    """Whether a word goes on across this character, whatever stands beside it."""
    return character.isascii() and character.isalnum()


def _word_around(text: str, place: int, last: re.Match[str] | None) -> re.Match[str] | None:
    """The word of the text that is not over at a place, given the one that was found for a place before it.

    What stands beside may join letters into one word: the text is cut from where no word can have begun
    earlier, and no part of it twice.
    """
    if last is not None and last.end() > place:
        return last
    cut = last.end() if last is not None else 0
    begin = max(text.rfind(" ", cut, place) + 1, text.rfind("\n", cut, place) + 1, cut)
    return next((word for word in WORD.finditer(text, begin) if word.end() > place), None)


def _phrases(
    text: str, language: str, found: list[Mark], phrase: tuple[frozenset[str], ...]
) -> Iterator[Mark]:
    """The places where words follow each other as a phrase says."""
    if not phrase:
        return
    for start, _, term in found:
        if term not in phrase[0]:
            continue
        # No phrase runs from one text into the next.
        following = tokens(text[start : start + WINDOW * 2].partition(SEPARATOR)[0], language)
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


def _around(text: str, begin: int, end: int, start: int, stop: int) -> tuple[int, int]:
    """Widen a passage to about a window, and to whole words, within a part of a text."""
    margin = max(0, WINDOW - (stop - start)) // 2
    left, right = max(begin, start - margin), min(end, stop + margin)
    if left > begin:
        space = text.find(" ", left, start)
        left = space + 1 if space >= 0 else start
    if right < end:
        space = text.rfind(" ", stop, right)
        right = space if space >= 0 else stop
    return left, right
