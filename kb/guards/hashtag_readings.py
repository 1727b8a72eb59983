"""The second reading of a hashtag: words hidden by lower case, as in `whorepresents`.

The intended reading is the likeliest division into words. Another reading matters if a listed word crosses a
word boundary of the first (`expert sex change`), remains after a small word (`the rapist finder`), or is a
predicate of such a remainder (`now that chers dead`).
"""

from __future__ import annotations

import re
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple

from kb.caches import word_cache
from kb.search.concepts import SHORT_WORDS
from kb.search.word_lists import spelling_key, word_list

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

MIN_TAG_LENGTH = 7
MAX_TAG_LENGTH = 60

_MAX_WORD_LENGTH = 16
_MIN_WORD_LENGTH = 3
_WORD_COST = 150
"""The cost of each word of a division, added to its rarity in centibels: fewer words are likelier."""

_MAX_CENTIBELS = 640
"""Maximum rarity of a word in a reading, in centibels: two in five million."""

_MISPLACED_LETTER = re.compile("[ךםןףץ](?!$)|[כמנצ]$")
"""Matches what no Hebrew word has: a final form inside, or a non-final form at the end."""

_POSSESSIVE_COST = 60
_MAX_RATIO = 1.6
"""Maximum cost of another reading, relative to the intended one."""

_SMALL = frozenset(
    "a all an and for he her his i in is it my no not of on our so that the this to we with your".split()
)
"""Words after which the rest of a longer word is read as a separate word."""

_PLACES = frozenset(
    "analipsi assington assisi assynt ballston buttevant clitheroe cockburnspath cockermouth "
    "cockfosters cocking cockington cockshutt craponne crapstone dickinson dieburg dieppe diest fartown "
    "hancock hookerton peekskill penistone pissouri pornic pornichet scunthorpe shitterton slagelse "
    "titchfield titicaca titirangi titisee titley titlington tittensor titterstone twatt גלבוע גריזים".split()
)
"""Names of places that contain a listed word, or part of one, and that the word lists lack or hold rare."""

_PLACE_COST = 400
"""The cost of such a name, the same as for a common word."""

_PREDICATES = frozenset("dead died dies killed murdered arrested drunk naked מת מתה מתו נהרג נרצח".split())
"""Listed words that are predicates of the name before them, whatever the name."""


class Reading(NamedTuple):
    """A division of a tag into words, and its cost."""

    words: tuple[str, ...]
    cost: int

    @property
    def spans(self) -> list[tuple[int, int]]:
        """The offsets of the words in the tag."""
        return list(pairwise(accumulate(map(len, self.words), initial=0)))


def second_reading(tag: str, listed: Collection[str]) -> Reading | None:
    """The likeliest reading of a single-case tag with a listed word that is not intended, or None."""
    tag = tag.lower()
    hidden = frozenset(word for word in listed if word in tag)
    if not hidden or not MIN_TAG_LENGTH <= len(tag) <= MAX_TAG_LENGTH:
        return None
    likeliest, harmless = _likeliest(tag), _likeliest(tag, hidden)
    if likeliest is None or len(likeliest.words) < 2:
        return None
    if harmless is not None and likeliest != harmless and harmless.cost <= likeliest.cost * _MAX_RATIO:
        return likeliest  # "speedo fart" is as likely as "speed of art"
    return min(_other_readings(tag, likeliest, hidden), key=lambda reading: reading.cost, default=None)


def _other_readings(tag: str, intended: Reading, hidden: Collection[str]) -> Iterator[Reading]:
    for word in hidden:
        start = tag.find(word)
        while start >= 0:
            end = start + len(word)
            if (start, end) not in intended.spans:
                yield from _readings_with(tag, intended, start, end)
            elif word in _PREDICATES:
                yield from _readings_of_name(intended, start)
            start = tag.find(word, start + 1)


def _readings_with(tag: str, intended: Reading, start: int, end: int) -> Iterator[Reading]:
    """The reading that has a word at these offsets, if it is likely enough."""
    before, after = _likeliest(tag[:start]), _likeliest(tag[end:])
    if before is None or after is None:
        return
    words = (*before.words, tag[start:end], *after.words)
    reading = Reading(words, before.cost + _cost(tag[start:end]) + after.cost)
    host = next((span for span in intended.spans if span[0] <= start and end <= span[1]), None)
    if host is None:
        is_likely = reading.cost <= intended.cost * _MAX_RATIO
    else:  # "the rapist", but not "pea cock"
        small = tag[host[0] : start]
        is_likely = host[1] == end and small in _SMALL and small == (before.words or ("",))[-1]
    if is_likely:
        yield reading


def _readings_of_name(intended: Reading, start: int) -> Iterator[Reading]:
    """The readings that split the word before a predicate into a small word and a name."""
    number = [span[0] for span in intended.spans].index(start)
    if not number:
        return
    host = intended.words[number - 1]
    for length in range(1, len(host) - _MIN_WORD_LENGTH):
        small, name = host[:length], host[length:]
        cost = _word_cost(name)
        if small in _SMALL and cost is not None:
            words = (*intended.words[: number - 1], small, name, *intended.words[number:])
            yield Reading(words, intended.cost + cost)


def _likeliest(tag: str, excluded: Collection[str] = ()) -> Reading | None:
    """The likeliest division of a tag into words, without the excluded ones; None if there is none."""
    best: list[Reading | None] = [Reading((), 0)]
    for end in range(1, len(tag) + 1):
        readings = (
            Reading((*before.words, tag[start:end]), before.cost + cost)
            for start in range(max(0, end - _MAX_WORD_LENGTH), end)
            if (before := best[start]) is not None
            and tag[start:end] not in excluded
            and (cost := _word_cost(tag[start:end])) is not None
        )
        best.append(min(readings, key=lambda reading: reading.cost, default=None))
    return best[-1]


def _cost(word: str) -> int:
    """The cost of a listed word, which may be a rare one."""
    return _word_cost(word) or _WORD_COST + _MAX_CENTIBELS


@word_cache(10_000)
def _word_cost(word: str) -> int | None:
    """The cost of a word in a reading; None if it is not a word."""
    is_english = word.isascii()
    if word in _PLACES:
        return _PLACE_COST
    if _MISPLACED_LETTER.search(word):
        return None
    if len(word) < (_MIN_WORD_LENGTH if is_english else 2):
        return _WORD_COST + 300 if word in SHORT_WORDS else None
    frequencies = [_centibels(word, is_english=is_english)]
    if is_english and word.endswith("s") and len(word) > _MIN_WORD_LENGTH + 1:
        base = _centibels(word[:-1], is_english=True)
        frequencies.append(None if base is None else base + _POSSESSIVE_COST)
    frequency = min((each for each in frequencies if each is not None), default=None)
    return None if frequency is None or frequency > _MAX_CENTIBELS else _WORD_COST + frequency


def _centibels(word: str, *, is_english: bool) -> int | None:
    listed = word_list("en" if is_english else "he")
    return listed.centibels(spelling_key(word)) if listed else None
