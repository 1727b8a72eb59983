"""Spellings of a word without accents, so that an accented and a plain spelling match each other."""

from __future__ import annotations

import re

from kb.caches import word_cache
from kb.domain.text import compose, fold

FOLDED_WEIGHT = 0.9
"""The weight of a word with other accents; the word as typed has 1."""

_APOSTROPHES = re.compile("['’‘`ʼʻ׳]")
# An article or a pronoun that an apostrophe joins to the next word, in French, Italian and Catalan
_ELISION = re.compile("^(?:[cdjlmnst]|qu|dell|nell|sull|all|dall|un)['’ʼ](?=..)", re.IGNORECASE)
_DIGRAPHS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
"""Letters that may be written as two letters as well as without the accent: Muenchen, Aarhus."""


def plain_spellings(word: str) -> tuple[str, ...]:
    """The spellings of a word without accents and apostrophes, the nearest first.

    `München` -> `munchen`, `muenchen`; `l'Équipe` -> `lequipe`, `equipe`.
    """
    if word.isascii() and _APOSTROPHES.search(word) is None:
        return (word.lower(),)
    return _plain_spellings(word)


@word_cache(10_000)
def _plain_spellings(word: str) -> tuple[str, ...]:
    composed = compose(word).casefold()
    bases = [composed, _ELISION.sub("", composed)]
    spellings = [fold(spelling) for base in bases for spelling in (base, base.translate(_DIGRAPHS))]
    return tuple(dict.fromkeys(_APOSTROPHES.sub("", spelling) for spelling in spellings))


def varies(form: str) -> bool:
    """Whether a word may have other spellings: it has accents, apostrophes or letters of other alphabets."""
    return not form.isascii() or "'" in form
