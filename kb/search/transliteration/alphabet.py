"""Read a script: map the letters of a word to the sounds that they may represent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb.search.transliteration.sounds import CLASSES, MAX_DISTANCE, VOWELS, distance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_CONSONANT_WEIGHT = 1.0
_WEAK_WEIGHT = 0.6
_VOWEL_WEIGHT = 0.4

_SKELETON_COST = 0.3
"""Sounds that cost more are left out of skeletons."""

_OPTIONAL_COST = 0.15
"""Symbols that cost at most this to skip are left out of skeletons."""


class Symbol:
    """The possible sounds of a letter or a group of letters."""

    def __init__(self, description: str, index: int, *, is_edge: bool) -> None:
        """Parse `s z.25 -.5`: sounds like `s`, or like `z` at a cost of 0.25, or is silent at a cost of 0.5.

        `index` is the position among the symbols of its alphabet. The first and the last symbol of a word are
        edges, where no script leaves out a vowel.
        """
        costs = {entry[0]: float(entry[1:] or 0) for entry in description.split()}
        silent = costs.pop("-", None)
        main = next(iter(costs))
        weight = _VOWEL_WEIGHT if main in VOWELS else _CONSONANT_WEIGHT if main in CLASSES else _WEAK_WEIGHT
        self.index = index
        self.is_edge = is_edge
        self.sounds = costs
        self.skip = weight if silent is None else silent
        self.weight = (weight + min(weight, self.skip)) / 2
        self.classes = self._classes()

    def _classes(self) -> tuple[str, ...]:
        """The consonant classes that it may have in a skeleton, the likeliest first; "" stands for none."""
        if self.skip <= _OPTIONAL_COST:
            return ("",)
        classes = [CLASSES.get(sound, "") for sound, cost in self.sounds.items() if cost <= _SKELETON_COST]
        if self.skip <= _SKELETON_COST:
            classes.append("")
        return tuple(dict.fromkeys(classes))

    def distance(self, other: Symbol) -> float:
        """The cost of mistaking one symbol for the other, at most MAX_DISTANCE."""
        costs = (
            cost + other_cost + distance(sound, other_sound)
            for sound, cost in self.sounds.items()
            for other_sound, other_cost in other.sounds.items()
        )
        return min(MAX_DISTANCE, *costs)


class _Rule:
    """The symbols of a group of letters: within a word, at its start, at its end."""

    def __init__(self, pattern: str, inner: tuple[Symbol, ...], edges: tuple[Symbol, ...]) -> None:
        self.match = re.compile(pattern).match
        self.inner = inner
        self.first = edges[:1] + inner[1:]
        self.last = inner[:-1] + edges[-1:]


class Alphabet:
    """A script: its letters, the sounds of groups of them, and the vowels that it may leave out.

    `script` has its characters, and `letters` those that remain after `spelling` has normalized a text; both
    are the inside of a character class. `rules` gives, by first letter, the sounds of groups of letters:
    regular expressions with comma-separated descriptions of symbols. The first match wins; a letter without
    one is silent. `unwritten` is the cost of each vowel that the script may leave out, and `particles` are
    letters that may be prefixed to a word.
    """

    def __init__(
        self,
        script: str,
        letters: str,
        rules: Mapping[str, Mapping[str, str]],
        *,
        spelling: Callable[[str], str],
        unwritten: Mapping[str, float] | None = None,
        particles: str = "",
    ) -> None:
        self.symbols: list[Symbol] = []
        self.particles = frozenset(particles)
        self._letters = re.compile(f"[{letters}]+")
        self._is_written = re.compile(f"[\\W_]*[{script}][\\W_{script}]*").fullmatch
        self._spelling = spelling
        self._unwritten = dict(unwritten or {})
        self._by_description: dict[tuple[str, bool], Symbol] = {}
        self._rules = {
            letter: [self._rule(pattern, sounds) for pattern, sounds in table.items()]
            for letter, table in rules.items()
        }

    def _rule(self, pattern: str, sounds: str) -> _Rule:
        descriptions = [part.strip() for part in sounds.split(",") if part.strip()]
        inner, edges = (
            tuple(self._symbol(description, is_edge=is_edge) for description in descriptions)
            for is_edge in (False, True)
        )
        return _Rule(pattern, inner, edges)

    def _symbol(self, description: str, *, is_edge: bool) -> Symbol:
        found = self._by_description.get((description, is_edge))
        if found is None:
            found = Symbol(description, len(self.symbols), is_edge=is_edge)
            self._by_description[description, is_edge] = found
            self.symbols.append(found)
        return found

    def writes(self, text: str) -> bool:
        """Whether a text has letters of this script, and no other letters or digits."""
        return self._is_written(text) is not None

    def words(self, text: str) -> list[str]:
        """The words of a text in this script, normalized for `read`."""
        return self._letters.findall(self._spelling(text))

    def read(self, word: str) -> list[Symbol]:
        """The symbols of a word that `words` returned."""
        symbols: list[Symbol] = []
        rules = self._rules
        position, length = 0, len(word)
        while position < length:
            start = position
            position += 1
            for rule in rules.get(word[start], ()):
                if match := rule.match(word, start):
                    position = match.end()
                    symbols += rule.last if position == length else rule.inner if start else rule.first
                    break
        return symbols

    def skip_cost(self, symbol: Symbol) -> float:
        """The cost of leaving a symbol of another script unwritten in this script."""
        if symbol.is_edge:
            return symbol.skip
        unwritten = (cost + self._unwritten.get(sound, MAX_DISTANCE) for sound, cost in symbol.sounds.items())
        return min(symbol.skip, *unwritten)
