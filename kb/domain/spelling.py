"""Spelling suggestions for unknown keys."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from kb.domain.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable


def closest_match(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate most similar to a word, or None if none is similar enough. Underscores equal hyphens.

    Words longer than 100 characters never match: the comparison takes quadratic time.
    """
    if len(word) > 100:
        return None
    by_spelling = {candidate.replace("_", "-"): candidate for candidate in candidates}
    matches = get_close_matches(fold(word).replace("_", "-"), by_spelling, n=1, cutoff=0.6)
    return by_spelling[matches[0]] if matches else None
