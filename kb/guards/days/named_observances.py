"""Observances that a text names: "Yom Kippur", "ליום הזיכרון"."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from kb.domain.overlaps import shorter_overlaps
from kb.search.observance_names import observance_names

if TYPE_CHECKING:
    from collections.abc import Sequence

_OTHER_SENSES = frozenset(
    "pride titanic bastille valentine silvester noel tet amia bhm mlk"
    " hiroshima nagasaki fukushima hillsborough grenfell srebrenica utoya utøya bataclan"
    " chernobyl chornobyl columbine bhopal lockerbie omagh dunblane lahaina uvalde itaewon tiananmen"
    " sharpeville aberfan parkland windrush 広島 長崎 세월호 이태원 天安门 天安門"
    " פוקושימה הילסבורו גרנפל סרברניצה אוטויה הירושימה נגסאקי בטקלאן בטאקלן פארקלנד דנבליין קולומביין"
    " צ'רנוביל צרנוביל יובלדי טיאנאנמן וינדראש אברפן איטאוון בופאל לוקרבי טיטניק"
    .split()
)  # fmt: skip
_OTHER_PHRASES = frozenset(
    {"great friday", "orange day", "twin towers", "shop small", "golden week", "martin luther king"}
)
"""Names of observances that in posts often mean something else: a place, a person, a good Friday."""


def named_observances(words: Sequence[str]) -> list[tuple[int, int, tuple[str, ...]]]:
    """Where words name observances, with their keys; no name spans an empty word.

    Names with numbers are left to `named_dates`, which sees the punctuation between them.
    """
    days = observance_names().named(words)
    shorter = shorter_overlaps(day[:2] for day in days)
    return [
        (day.start, day.end, day.keys)
        for day in days
        if day[:2] not in shorter and not _has_other_sense(tuple(words[day.start : day.end]))
    ]


@lru_cache(maxsize=5_000)
def _has_other_sense(name: tuple[str, ...]) -> bool:
    text = " ".join(name).lower()
    # A Hebrew name may have up to two particles before it.
    return (
        any(map(str.isdigit, text))
        or text in _OTHER_PHRASES
        or any(text[particles:] in _OTHER_SENSES for particles in range(3))
    )
