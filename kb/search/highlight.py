"""Highlighting: find the passage of a text that best shows why it matched."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from itertools import compress, starmap
from operator import methodcaller
from typing import TYPE_CHECKING

from kb.domain.language import primary_subtag
from kb.search.analysis import index_term, tokens
from kb.search.phrase_marks import phrase_matches
from kb.search.words import WORD, has_tags, has_unspaced, is_tagged, split_at_capitals, word_matches

if TYPE_CHECKING:
    import re
    from collections.abc import Container, Iterator, Mapping, Sequence

    from kb.search.phrase_marks import Mark

WINDOW = 240
"""The approximate length of a passage, in characters."""

SEPARATOR = "\x1f"
"""Separates texts that are highlighted together; no stored text contains it, nor the placeholders below."""

_ELLIPSIS = "…"

_BREAKS = frozenset(["", SEPARATOR, *" \n\t.,;:!?()[]{}/|-#@&*+=<>%$^~\\_…–—"])
"""Characters that always end a word."""

_TAG_SIGN = "#"

_SPAN = methodcaller("span")

FEW_FORMS = 50
"""A text is searched for each of a few surface forms. If there are more, as with prefixes, each of its words
is looked up among them instead: work that grows with the text alone."""

_BEGIN, _END = "\x02", "\x03"
"""Placeholders for the tags while a passage is escaped."""


@dataclass(frozen=True, slots=True)
class HighlightTerms:
    """The index terms to mark in texts.

    `terms` are marked wherever they occur. `phrases` are marked where their positions are adjacent; each
    position is a set of alternative terms. `surface_forms` maps the case-folded words that the index has seen
    to the terms that they were indexed under, so that texts can be searched for these words. A form after `#`
    is a hashtag that contains the term, and is marked as a whole. If an engine leaves the forms None, texts
    are tokenized instead, with the same marks, but more slowly.
    """

    terms: frozenset[str] = frozenset()
    phrases: tuple[tuple[frozenset[str], ...], ...] = ()
    surface_forms: Mapping[str, frozenset[str]] | None = None
    _by_language: dict[str, dict[str, frozenset[str]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __bool__(self) -> bool:
        """False if no text can match: there are no terms, or none of their surface forms is in the index."""
        return bool(self.terms or self.phrases) and self.surface_forms != {}

    def surface_forms_in(self, language: str) -> Mapping[str, frozenset[str]]:
        """Map the surface forms that apply to texts of a language (a primary subtag) to their terms."""
        found = self._by_language.get(language)
        if found is None:
            found = self._by_language[language] = {}
            for form, known in (self.surface_forms or {}).items():
                if form[0] == _TAG_SIGN:
                    found[form] = known
                elif (term := index_term(form, language)) in known:
                    found[form] = frozenset({term})
        return found


NO_HIGHLIGHTS = HighlightTerms()


def highlight_all(joined: str, language: str, terms: HighlightTerms) -> dict[int, str]:
    """The best passages of texts in one language, joined by SEPARATOR, by the index of each matching text.

    A passage is escaped HTML with <mark> around each match.
    """
    passages: dict[int, str] = {}
    marks = find_marks(joined, language, terms)
    position = 0
    while position < len(marks):
        start, end = _enclosing_text(joined, marks[position][0])
        first = position
        while position < len(marks) and marks[position][0] < end:
            position += 1
        passages[joined.count(SEPARATOR, 0, start)] = _passage(joined, start, end, marks[first:position])
    return passages


def highlight_first(joined: str, language: str, terms: HighlightTerms) -> dict[int, str]:
    """Like `highlight_all`, but stop after the first text that matches."""
    lowered = joined.casefold()
    forms = terms.surface_forms_in(primary_subtag(language))
    if len(forms) > FEW_FORMS or _needs_tokenizing(joined, lowered, terms):
        return _highlight_first_of(joined.split(SEPARATOR), language, terms)
    reached = 0
    needles = [form.removeprefix(_TAG_SIGN) for form in forms]
    while offsets := [at for needle in needles if (at := lowered.find(needle, reached)) >= 0]:
        start, end = _enclosing_text(joined, min(offsets))
        if marks := find_marks(joined[start:end], language, terms):
            return {joined.count(SEPARATOR, 0, start): _passage(joined[start:end], 0, end - start, marks)}
        reached = end
    return {}


def _highlight_first_of(texts: list[str], language: str, terms: HighlightTerms) -> dict[int, str]:
    for number, text in enumerate(texts):
        if marks := find_marks(text, language, terms):
            return {number: _passage(text, 0, len(text), marks)}
    return {}


def _enclosing_text(joined: str, offset: int) -> tuple[int, int]:
    """The start and end of the text that encloses an offset."""
    end = joined.find(SEPARATOR, offset)
    return joined.rfind(SEPARATOR, 0, offset) + 1, len(joined) if end < 0 else end


def _passage(text: str, begin: int, end: int, marks: list[Mark]) -> str:
    """The best passage of the text between two offsets, given its marks."""
    first, last = _best_window(marks)
    start, stop = _expand(text, begin, end, marks[first][0], marks[last][1])
    parts: list[str] = []
    position = start
    for left, right, _ in marks[first : last + 1]:
        parts += (text[position:left], _BEGIN, text[left:right], _END)
        position = right
    parts.append(text[position:stop])
    # Escape before inserting the tags: the text is user input.
    passage = escape("".join(parts)).replace(_BEGIN, "<mark>").replace(_END, "</mark>")
    return f"{_ELLIPSIS if start > begin else ''}{passage}{_ELLIPSIS if stop < end else ''}"


def find_marks(text: str, language: str, terms: HighlightTerms) -> list[Mark]:
    """The marks of a text, sorted and without overlaps."""
    matches = _matches(text, language, terms)
    if not matches:
        return []
    marks = [mark for mark in matches if mark[2] in terms.terms]
    # A phrase does not cross the border of two texts.
    found = phrase_matches(text, language, matches, terms.phrases)
    marks += (mark for mark in found if SEPARATOR not in text[mark[0] : mark[1]])
    marks.sort()
    return _merge_overlaps(marks) if len(marks) > 1 else marks


def _matches(text: str, language: str, terms: HighlightTerms) -> list[Mark]:
    """The matches of all terms, whether they are to be marked alone or in a phrase."""
    lowered = text.casefold()
    if _needs_tokenizing(text, lowered, terms):
        return list(_matching_tokens(text, language, terms))
    forms = terms.surface_forms_in(primary_subtag(language))
    if len(forms) > FEW_FORMS:
        return _matching_words(text, lowered, language, forms)
    return _matching_surface_forms(text, lowered, language, forms)


def _needs_tokenizing(text: str, lowered: str, terms: HighlightTerms) -> bool:
    """Whether surface forms cannot be located by their offsets in the case-folded text.

    This is so if they are unknown, case folding changes the length, or the script has no spaces between
    words.
    """
    if terms.surface_forms is None:
        return True
    return len(lowered) != len(text) or has_unspaced(text)


def _matching_tokens(text: str, language: str, terms: HighlightTerms) -> Iterator[Mark]:
    marked = terms.terms.union(*(position for phrase in terms.phrases for position in phrase))
    for token in tokens(text, language):
        if token.term in marked:
            yield token.start, token.end, token.term
        if is_tagged(text, token.start):
            yield from _matching_parts(text, token.start, token.end, language, marked)


def _matching_parts(text: str, start: int, end: int, language: str, marked: Container[str]) -> Iterator[Mark]:
    """Yield a mark of the whole hashtag for each of its words whose term is marked."""
    for part in split_at_capitals(text[start:end]):
        term = index_term(part, primary_subtag(language))
        if term in marked and end - start > len(part):
            yield start, end, term


def _matching_words(
    text: str, lowered: str, language: str, forms: Mapping[str, frozenset[str]]
) -> list[Mark]:
    """The matches in a text, found by looking up each of its words among the surface forms."""
    spans = [*map(_SPAN, word_matches(text))]
    words = [*map(lowered.__getitem__, starmap(slice, spans))]
    known = [*map(forms.get, words)]
    matches = [
        (start, end, term)
        for (start, end), terms in zip(compress(spans, known), filter(None, known), strict=True)
        for term in terms
    ]
    if has_tags(text):
        for (start, end), word in zip(spans, words, strict=True):
            if is_tagged(text, start) and (tagged := forms.get(f"{_TAG_SIGN}{word}")):
                matches += _matching_parts(text, start, end, language, tagged)
    return matches


def _matching_surface_forms(
    text: str, lowered: str, language: str, forms: Mapping[str, frozenset[str]]
) -> list[Mark]:
    """The matches in a text, found by searching it for surface forms instead of tokenizing it."""
    matches: list[Mark] = []
    for form, known in forms.items():
        tagged = form[0] == _TAG_SIGN
        needle = form[1:] if tagged else form
        # Digits and symbols may form a word, or part of one, next to any character.
        at_break = needle[0].isalpha() and not tagged
        start = lowered.find(needle)
        size = len(needle)
        word = None
        while start >= 0:
            end = start + size
            # At the beginning and the end of the text, these are empty strings.
            before, after = text[start - 1 : start], text[end : end + 1]
            whole = at_break and before in _BREAKS and after in _BREAKS
            if not whole and not (at_break and (_is_word_character(before) or _is_word_character(after))):
                word = _enclosing_word(text, start, word)
                whole = word is not None and word.span() == (start, end)
            if whole and not tagged:
                matches += [(start, end, term) for term in known]
            elif whole and is_tagged(text, start):
                matches += _matching_parts(text, start, end, language, known)
            start = lowered.find(needle, end)
    return matches


def _is_word_character(character: str) -> bool:
    """Whether this character always continues a word."""
    return character.isascii() and character.isalnum()


def _enclosing_word(text: str, offset: int, last: re.Match[str] | None) -> re.Match[str] | None:
    """The first word that ends after an offset, given the result for an earlier offset.

    Neighboring characters may join letters into one word, so matching starts where no word can have begun
    earlier. No part of the text is read twice.
    """
    if last is not None and last.end() > offset:
        return last
    cut = last.end() if last is not None else 0
    begin = max(text.rfind(" ", cut, offset) + 1, text.rfind("\n", cut, offset) + 1, cut)
    # A number may contain spaces, and a sign may follow one.
    while begin - 1 > cut and text[begin - 1] == " " and text[begin - 2].isdigit():
        begin = max(text.rfind(" ", cut, begin - 1) + 1, text.rfind("\n", cut, begin - 1) + 1, cut)
    return next((word for word in WORD.finditer(text, begin) if word.end() > offset), None)


def _merge_overlaps(marks: list[Mark]) -> list[Mark]:
    """Merge sorted marks that overlap."""
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


def _best_window(marks: Sequence[Mark]) -> tuple[int, int]:
    """The first and last mark of the window with the most distinct terms; on a tie, more marks, then the
    first."""
    final = len(marks) - 1
    if marks[final][1] - marks[0][0] <= WINDOW:
        return 0, final
    best, best_value = (0, 0), (0, 0)
    counts: dict[str, int] = {}
    stop = 0
    for first, (start, _, term) in enumerate(marks):
        # A window has at least its first mark, however long that is.
        while stop <= final and (stop == first or marks[stop][1] - start <= WINDOW):
            last_term = marks[stop][2]
            counts[last_term] = counts.get(last_term, 0) + 1
            stop += 1
        value = (len(counts), stop - first)
        if value > best_value:
            best, best_value = (first, stop - 1), value
        if stop > final:
            break
        counts[term] -= 1
        if not counts[term]:
            del counts[term]
    return best


def _expand(text: str, begin: int, end: int, start: int, stop: int) -> tuple[int, int]:
    """Widen a passage to about a window of whole words, between the `begin` and `end` of its text."""
    margin = max(0, WINDOW - (stop - start)) // 2
    left, right = max(begin, start - margin), min(end, stop + margin)
    if left > begin:
        space = text.find(" ", left, start)
        left = space + 1 if space >= 0 else start
    if right < end:
        space = text.rfind(" ", stop, right)
        right = space if space >= 0 else stop
    return left, right
