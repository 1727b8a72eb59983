"""Strict word forms: inflections of one another, not derivations. "Executive" is not a form of "execution".

Search is generous with forms, because people look through the results. A check accuses, so it must not
mistake one word for another.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from kb.caches import word_cache
from kb.search.analysis import MAX_WORD_LENGTH, is_hebrew, normalize
from kb.search.hebrew import strip_particles, strip_suffixes
from kb.search.word_lists import MAX_CENTIBELS, word_list

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.search.word_lists import WordList

MAX_RATIO = 100
"""By how many centibels a Hebrew word may be more frequent than its supposed base: ten times. `משפחה`,
family, is a word of its own, not a form of `שפחה`, a slave."""

ANY_NUMBER = "0"
"""The form of every number."""

_MIN_STEM = 3
_MAX_PLAIN_PARTICLES = 2
_PLURALS = ("ימ", "ות")
_RARE = MAX_CENTIBELS + 1
_POSSESSIVE = re.compile("'s?$")


@word_cache(5_000)
def entry_form(word: str) -> str:
    """The form of a word in entries: normalized, without a possessive ending."""
    normal = normalize(word[:MAX_WORD_LENGTH])
    if "'" not in normal or is_hebrew(normal):
        return normal
    return _POSSESSIVE.sub("", normal).replace("'", "")


@word_cache(10_000)
def candidate_forms(word: str) -> tuple[tuple[int, str], ...]:
    """The entries that a word may be a form of, each with its distance (how many affixes were stripped)."""
    form = entry_form(word)
    distances = {form: 0}
    if is_hebrew(form):
        for distance, stem in _hebrew_bases(form):
            distances.setdefault(stem, distance)
    elif form.isdigit():
        distances.setdefault(ANY_NUMBER, 1)
    elif form.isascii() and form.isalpha():
        for base in _english_bases(form):
            if len(base) >= _MIN_STEM:
                distances.setdefault(base, 1)
    return tuple(sorted((distance, stem) for stem, distance in distances.items()))


@word_cache(10_000)
def short_stems(word: str) -> frozenset[str]:
    """The stems of three letters that a normalized Hebrew word is an inflected form of.

    The last three letters of nearly every word are a word too: השוואה, comparison, is not a form of שואה, nor
    מטבח, kitchen, of טבח, massacre.
    """
    stems = {stem for _, stem in candidate_forms(word) if len(stem) == _MIN_STEM}
    return frozenset(stem for stem in stems if not _is_noun_with_mem(word, stem))


def _is_noun_with_mem(word: str, stem: str) -> bool:
    """Whether the מ before a stem forms a noun rather than meaning "from", as it does in a common word."""
    listed, place = word_list("he"), word.find(stem)
    if place < 1 or word[place - 1] != "מ":
        return False
    return _centibels(listed, f"מ{stem}") - _centibels(listed, stem) <= MAX_RATIO


def _english_bases(word: str) -> Iterator[str]:
    """Yield the words that a word may be the plural, past or -ing form of."""
    if word.endswith("ies"):
        yield f"{word[:-3]}y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        yield word[:-1]
        if word.endswith(("ses", "xes", "zes", "ches", "shes", "oes")):
            yield word[:-2]
    elif word.endswith("ied"):
        yield f"{word[:-3]}y"
    else:
        for ending in ("ed", "ing"):
            stem = word.removesuffix(ending)
            if stem != word:
                yield from (stem, f"{stem}e")
                if stem[-1:] == stem[-2:-1]:
                    yield stem[:-1]


def _hebrew_bases(form: str) -> Iterator[tuple[int, str]]:
    """Yield (distance, base) for a word without its particles and suffixes."""
    listed = word_list("he")
    most_frequent = _RARE
    for particles, base in enumerate(strip_particles(form)):
        frequency = _centibels(listed, base)
        most_frequent = min(most_frequent, frequency)
        is_usual = len(base) != _MIN_STEM or _is_plain(particles, "")
        if is_usual and frequency - most_frequent <= MAX_RATIO:
            yield particles, base
        for stem in (*islice(strip_suffixes(base), 1, None), *_feminine(base)):
            if len(stem) == _MIN_STEM and not _is_plain(particles, base[len(stem) :]):
                continue
            if _centibels(listed, stem) - most_frequent <= MAX_RATIO:
                yield particles + 1, stem


def _is_plain(particles: int, suffix: str) -> bool:
    """Whether these affixes are usual on a stem of three letters. Nearly every word ends in such a stem."""
    return particles <= _MAX_PLAIN_PARTICLES and (not suffix or not particles or suffix in _PLURALS)


def _feminine(word: str) -> Iterator[str]:
    """Yield the noun in ה that a word may be the plural or construct form of: הנחות, הנחת -> הנחה."""
    for ending in ("ות", "ת"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _MIN_STEM:
            yield f"{stem}ה"
            return


def _centibels(listed: WordList | None, word: str) -> int:
    """The rarity of a Hebrew word; `_RARE` if it is not listed."""
    found = listed.centibels(word) if listed else None
    return _RARE if found is None else found
