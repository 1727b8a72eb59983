"""The words of one segment: all of them, or those in documents that a view can see."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from kb.search import hebrew
from kb.search.analysis import index_term, is_hebrew
from kb.search.folding import plain_spellings, varies
from kb.search.transliteration import NameIndex
from kb.search.whoosh_engine.format.layout import is_keyword_term

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from kb.search.whoosh_engine.format.arrays import Array
    from kb.search.whoosh_engine.format.segment import Segment

_MAX_NAME_WORDS = 3
"""Maximum number of words of an organization's name to join to one."""


class SegmentVocabulary:
    """The words of a segment in a set of documents: surface forms, and the terms of each.

    A form has a term for each language in which it occurs. Segments have many words in common: those that
    `larger` has, too, are the same objects in memory.
    """

    def __init__(
        self,
        segment: Segment,
        visible: Array | None,
        larger: SegmentVocabulary | None,
        ordinals: Array | None = None,
    ) -> None:
        """Read the words: those of some terms, given their `ordinals`, or of all."""
        self.has_all = ordinals is None
        self._names = _names(
            *(
                [
                    value
                    for value, ordinal in segment.keyword_values(field)
                    if visible is None or visible[ordinal]
                ]
                for field in ("name", "organization")
            )
        )
        # The terms of each form, one per line. Not interned: Python's table of all interned strings grows in
        # steps of several megabytes, and in each worker.
        self._terms: dict[str, str] = {}
        self._parts: set[str] = set()
        for ordinal, term, forms in segment.dictionary(ordinals):
            if is_keyword_term(term) or (visible is not None and not visible[ordinal]):
                continue
            for form in forms:
                if form[:1] == "#":  # the form of a word in a hashtag
                    self._parts.add(term)
                elif others := self._terms.get(form):
                    self._terms[form] = f"{others}\n{term}"
                else:
                    shared = (form, term) if larger is None else larger.reuse(form, term)
                    self._terms[shared[0]] = shared[0] if form == term else shared[1]

    def __len__(self) -> int:
        return len(self._terms)

    def reuse(self, form: str, term: str) -> tuple[str, str]:
        """A form and its term, as the objects of this vocabulary if it has them."""
        known = self._terms.get(form)
        if known is None:
            return form, term
        return self.sorted[bisect_left(self.sorted, form)], known if known == term else term

    def terms_of(self, form: str) -> tuple[str, ...]:
        """The terms of a surface form; none if no document has it."""
        found = self._terms.get(form)
        return () if found is None else tuple(found.split("\n"))

    @cached_property
    def sorted(self) -> list[str]:
        """The surface forms."""
        return sorted(self._terms)

    def is_fragment(self, text: str) -> bool:
        """Whether a text may be part of a joined word: it is a form or a term, in plain spelling."""
        return (
            text in self._terms
            or text in self._other_terms
            or text in self._parts
            or text in self._plain_fragments
        )

    @cached_property
    def _plain_fragments(self) -> frozenset[str]:
        return frozenset(spelling for form in self._varying for spelling in plain_spellings(form))

    def has_term(self, text: str) -> bool:
        """Whether a text is a term, of a word or of one in a hashtag."""
        return text in self._other_terms or text in self._parts or text in self.terms_of(text)

    @cached_property
    def _other_terms(self) -> frozenset[str]:
        """The terms that differ from all terms of the form with their spelling.

        Most terms are a term of that form, so a set of all would take several times the memory.
        """
        return frozenset(term for term in self._all_terms() if term not in self.terms_of(term))

    def _all_terms(self) -> Iterator[str]:
        return chain.from_iterable(found.split("\n") for found in self._terms.values())

    @cached_property
    def sorted_parts(self) -> list[str]:
        """The terms of the words in hashtags."""
        return sorted(self._parts)

    @cached_property
    def sorted_plain(self) -> list[tuple[str, str]]:
        """Sorted (plain spelling, form) pairs of the forms that vary."""
        return sorted(
            (plain, form) for form in self._varying for plain in plain_spellings(form) if plain != form
        )

    @cached_property
    def by_plain_spelling(self) -> Mapping[str, Collection[str]]:
        """The terms of forms that vary, by plain spelling of form or term, and by its stem."""
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for form in self._varying:
            plain = plain_spellings(form)
            for term in self.terms_of(form):
                for key in {*plain, *plain_spellings(term), *(index_term(each, "en") for each in plain)}:
                    found[key][term] = None
        for part in filter(varies, self._parts):
            for key in plain_spellings(part):
                found[key][part] = None
        return dict(found)

    @cached_property
    def _varying(self) -> list[str]:
        return [form for form in self._terms if varies(form) and not is_hebrew(form)]

    @cached_property
    def hebrew(self) -> hebrew.Vocabulary:
        """The Hebrew terms."""
        return hebrew.Vocabulary(dict.fromkeys(self._all_terms()))

    def words_of_name(self, name: str) -> tuple[str, ...]:
        """The words of a name of `name_index`."""
        return tuple(self._names[name].split(" "))

    @cached_property
    def name_index(self) -> NameIndex:
        """A phonetic index of words that are written as names, and of organizations joined to one word."""
        return NameIndex(self._names)

    @cached_property
    def buckets(self) -> Mapping[tuple[str, int], Sequence[str]]:
        """The surface forms in plain spelling, by first letter and length."""
        buckets: dict[tuple[str, int], list[str]] = defaultdict(list)
        for plain in dict.fromkeys(self._plain_spelling(form) for form in self.sorted):
            buckets[plain[:1], len(plain)].append(plain)
        return dict(buckets)

    def forms_of_plain(self, plain: str) -> list[str]:
        """The surface forms with this plain spelling."""
        forms = [*self._varying_forms.get(plain, ())]
        if plain in self._terms and not varies(plain):
            forms.append(plain)
        return forms

    @cached_property
    def _varying_forms(self) -> Mapping[str, Sequence[str]]:
        """The surface forms of each plain spelling that differ from it."""
        found: dict[str, list[str]] = defaultdict(list)
        for form in filter(varies, self._terms):
            found[self._plain_spelling(form)].append(form)
        return dict(found)

    @staticmethod
    def _plain_spelling(form: str) -> str:
        return plain_spellings(form)[0] if varies(form) else form


def _names(words: Iterable[str], organizations: Iterable[str]) -> dict[str, str]:
    """Map names, joined to one word, to their words, separated by spaces.

    Each run of words in an organization's key is a name.
    """
    found = {word: word for word in words}
    for key in organizations:
        parts = key.split("-")
        for length in range(2, _MAX_NAME_WORDS + 1):
            for start in range(len(parts) - length + 1):
                run = parts[start : start + length]
                found.setdefault("".join(run), " ".join(run))
    return found
