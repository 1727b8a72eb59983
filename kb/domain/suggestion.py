"""The nearest known word to one that isn't known."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection


def nearest(word: str, known: Collection[str]) -> str | None:
    """The known word that is most like this one, or None when nothing comes near.

    A word of over 100 letters is not compared: the comparison is quadratic.
    """
    if len(word) > 100:
        return None
    matches = get_close_matches(word.casefold().replace("_", "-"), known, n=1, cutoff=0.6)
    return matches[0] if matches else None
