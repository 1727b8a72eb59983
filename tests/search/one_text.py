"""A single text, analyzed and highlighted as the texts of an incident are."""

from __future__ import annotations

from kb.search.analysis import tokens
from kb.search.highlight import HighlightTerms, highlight_all


def terms(text: str, language: str) -> list[str]:
    """The non-empty index terms of a text, in order."""
    return [token.term for token in tokens(text, language) if token.term]


def highlight(text: str, language: str, asked: HighlightTerms) -> str | None:
    """The best passage of a text, with its matches marked; None without a match."""
    return highlight_all(text, language, asked).get(0)
