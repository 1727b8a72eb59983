"""How a script is read: from the letters of a word to the sounds that they may stand for."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from kb.search.transliteration.sounds import CLASSES, MAX_DISTANCE, VOWELS, distance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SKELETON_COST = 0.3
"""A sound that costs more is no part of a skeleton."""

_CONSONANT_WEIGHT = 1.0
_VOWEL_WEIGHT = 0.4
_WEAK_WEIGHT = 0.6


class Symbol:
    """What a letter, or several, may sound like."""

    def __init__(self, text: str, *, is_edge: bool) -> None:
        """Read `s T.25 -.5`: sounds like `s`, or like `T` at a cost of 0.25, or is silent at a cost of 0.5.

        An edge is the first or the last symbol of a word: no script leaves out a vowel there.
        """
        costs = {entry[0]: float(entry[1:] or 0) for entry in text.split()}
        silent = costs.pop("-", None)
        main = next(iter(costs))
        self.is_edge = is_edge
        self.sounds = tuple(costs.items())
        weight = _VOWEL_WEIGHT if main in VOWELS else _CONSONANT_WEIGHT if main in CLASSES else _WEAK_WEIGHT
        self.skip = weight if silent is None else silent
        self.weight = (weight + min(weight, self.skip)) / 2
        if self.skip <= 0.15:
            self.classes: tuple[str, ...] = ("",)
            self.costs = _Costs(self)
            return
        classes = dict.fromkeys(
            CLASSES.get(sound, "") for sound, cost in costs.items() if cost <= _SKELETON_COST
        )
        if self.skip <= _SKELETON_COST:
            classes[""] = None
        self.classes = tuple(classes)
        self.costs = _Costs(self)

    def distance(self, other: Symbol) -> float:
        """The cost of hearing one as the other, at most MAX_DISTANCE."""
        costs = (
            cost + other_cost + distance(sound, other_sound)
            for sound, cost in self.sounds
            for other_sound, other_cost in other.sounds
        )
        return min(MAX_DISTANCE, *costs)


class _Costs(dict[Symbol, float]):
    """The distances from one symbol to others, computed when they are first needed."""

    def __init__(self, symbol: Symbol) -> None:
        super().__init__()
        self._symbol = symbol

    def __missing__(self, other: Symbol) -> float:
        found = self[other] = self._symbol.distance(other)
        return found


class _Rule:
    """The symbols of a group of letters: within a word, at its start, at its end."""

    def __init__(self, sounds: str) -> None:
        parts = [part.strip() for part in sounds.split(",") if part.strip()]
        inner = tuple(_symbol(part, is_edge=False) for part in parts)
        edges = tuple(_symbol(part, is_edge=True) for part in parts)
        self.inner = inner
        self.first = edges[:1] + inner[1:]
        self.last = inner[:-1] + edges[-1:]


@cache
def _symbol(text: str, *, is_edge: bool) -> Symbol:
    return Symbol(text, is_edge=is_edge)


class Alphabet:
    """A script: its letters, what groups of them sound like, and which vowels it may leave out.

    `rules` lists, by first letter, regular expressions with what they sound like: texts of `Symbol`, separated by
    commas. The first expression that matches counts; a letter without one is silent. `unwritten` is the cost of a
    vowel that this script does not write. `particles` are letters that may be prefixed to a word.
    """

    def __init__(
        self,
        letters: str,
        rules: Mapping[str, Mapping[str, str]],
        *,
        spelling: Callable[[str], str],
        unwritten: Mapping[str, float] | None = None,
        particles: str = "",
    ) -> None:
        self.particles = frozenset(particles)
        self._word = re.compile(f"[{letters}]+")
        self._spelling = spelling
        self._unwritten = dict(unwritten or {})
        self._rules = {
            letter: [(re.compile(pattern), _Rule(sounds)) for pattern, sounds in table.items()]
            for letter, table in rules.items()
        }
        self._skips: dict[Symbol, float] = {}

    def words(self, text: str) -> list[str]:
        """The words of a text that are written in this script, as `read` takes them."""
        return self._word.findall(self._spelling(text))

    def read(self, word: str) -> tuple[Symbol, ...]:
        """What a word sounds like."""
        symbols: list[Symbol] = []
        position, length = 0, len(word)
        while position < length:
            end = position + 1
            for pattern, rule in self._rules.get(word[position], ()):
                if match := pattern.match(word, position):
                    end = match.end()
                    symbols += rule.last if end == length else rule.inner if position else rule.first
                    break
            position = end
        return tuple(symbols)

    def skip_cost(self, symbol: Symbol) -> float:
        """The cost of a symbol of another script for which this script writes nothing."""
        cost = self._skips.get(symbol)
        if cost is None:
            unwritten = (cost + self._unwritten.get(sound, MAX_DISTANCE) for sound, cost in symbol.sounds)
            cost = self._skips[symbol] = symbol.skip if symbol.is_edge else min(symbol.skip, *unwritten)
        return cost
