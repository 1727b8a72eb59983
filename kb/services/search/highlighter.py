"""Find the passages of a hit that show why it matched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kb.search.highlight import highlight_all, highlight_first

if TYPE_CHECKING:
    from kb.search.highlight import HighlightTerms

_UNTRANSLATED = ("organization", "tags", "sources")
"""Searched fields that are the same in every language: they count as the original's."""


MAX_CHARACTERS = 400_000
"""How much text is searched for passages on one page of hits."""

_MAX_OF_HIT = 20_000
"""How many of these characters may come from one hit; the largest incidents have millions."""


class Passage(NamedTuple):
    """A passage as escaped HTML with <mark> around matches, and the language of its text."""

    html: str
    language: str


class Highlighter:
    """Finds the matching passages of hits, in all fields or in the first that matches.

    Only the beginnings of the largest incidents' texts are searched.
    """

    def __init__(self, terms: HighlightTerms, *, only_first: bool) -> None:
        self._terms = terms
        self._free = self._free_of_hit = MAX_CHARACTERS
        self._only_first = only_first
        self._highlight = highlight_first if only_first else highlight_all

    def passages(self, content: dict[str, Any], language: str) -> dict[str, Passage]:
        """Return the best passage of each field, in the language shown or else another of the incident's.

        With `only_first`, one passage: texts come before organization, tags and the names of terms.
        """
        if not self._terms:
            return {}
        self._free_of_hit = _MAX_OF_HIT
        passages: dict[str, Passage] = {}
        original, texts = content["language"], content["texts"]
        for tag in dict.fromkeys([language, *texts]):
            passages |= self._in_language(texts, tag)
            if passages.keys() - _UNTRANSLATED or (passages and self._only_first):
                break
        if passages and self._only_first:
            return passages
        if original not in (tag, language):
            in_original = self._in_language(texts, original)
            passages |= {field: in_original[field] for field in _UNTRANSLATED if field in in_original}
        name = self._first_term_name(content["names"], language)
        return passages if name is None else {**passages, "terms": name}

    def _in_language(self, texts: dict[str, Any], language: str) -> dict[str, Passage]:
        found = self._in_texts(texts[language], language)
        return {field: Passage(html, language) for field, html in found.items()}

    def _in_texts(self, texts: dict[str, Any], language: str) -> dict[str, str]:
        """The passage of each field in one language; if a field has several texts, from the first match."""
        passages: dict[str, str] = {}
        joined = self._beginning(texts["joined"])
        for number, passage in self._highlight(joined, language, self._terms).items():
            passages.setdefault(texts["fields"][number], passage)
        return passages

    def _beginning(self, text: str) -> str:
        """As much of a text as may still be searched."""
        cut = text[: min(self._free, self._free_of_hit)]
        self._free -= len(cut)
        self._free_of_hit -= len(cut)
        return cut

    def _first_term_name(self, names: dict[str, str], preferred: str) -> Passage | None:
        """The first name of a term that matches, in the preferred language if one does."""
        for language in sorted(names, key=lambda tag: tag != preferred):
            # They are so short that one pass over all is faster than one over each until one matches.
            for html in highlight_all(names[language], language, self._terms).values():
                return Passage(html, language)
        return None
