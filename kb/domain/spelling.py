"""Spelling suggestions for unknown keys."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from kb.domain.text import fold

if TYPE_CHECKING:
    from collections.abc import Collection


def closest_match(word: str, candidates: Collection[str]) -> str | None:
    """The candidate most similar to a word, or None if none is similar enough.

    Words longer than 100 characters never match: the comparison takes quadratic time.
    """
    if len(word) > 100:
        return None
    matches = get_close_matches(fold(word).replace("_", "-"), candidates, n=1, cutoff=0.6)
    return matches[0] if matches else None
