"""Passages of a hit that show why it matched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.search.highlight import highlight_all, highlight_first

if TYPE_CHECKING:
    from kb.search.highlight import HighlightTerms

_UNTRANSLATED = ("organization", "tags")
"""Searched fields that are the same in every language: they count as the original's."""


class Highlighter:
    """Finds the passages of hits that match, in all fields or in the first that matches."""

    def __init__(self, terms: HighlightTerms, *, only_first: bool = False) -> None:
        self._terms = terms
        self._only_first = only_first
        self._highlight = highlight_first if only_first else highlight_all

    def passages(self, content: dict[str, Any], language: str) -> dict[str, str]:
        """The best passage of each field, as HTML: in the language shown, else in another of the incident's.

        With `only_first`, one passage: texts come before organization, tags and the names of terms.
        """
        if not self._terms:
            return {}
        passages: dict[str, str] = {}
        original, texts = content["language"], content["texts"]
        for tag in dict.fromkeys([language, *texts]):
            passages |= self._in_texts(texts[tag], tag)
            if passages.keys() - _UNTRANSLATED or (passages and self._only_first):
                break
        if passages and self._only_first:
            return passages
        if original not in (tag, language):
            in_original = self._in_texts(texts[original], original)
            passages |= {field: in_original[field] for field in _UNTRANSLATED if field in in_original}
        name = self._first_term_name(content["names"])
        return passages if name is None else {**passages, "terms": name}

    def _in_texts(self, texts: dict[str, Any], language: str) -> dict[str, str]:
        """The passage of each field in one language; of a field with several texts, that of the first one."""
        passages: dict[str, str] = {}
        for number, passage in self._highlight(texts["joined"], language, self._terms).items():
            passages.setdefault(texts["fields"][number], passage)
        return passages

    def _first_term_name(self, names: dict[str, str]) -> str | None:
        """The first name of a term that matches."""
        for language, joined in names.items():
            for passage in highlight_first(joined, language, self._terms).values():
                return passage
        return None
