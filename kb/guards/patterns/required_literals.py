"""The literals that a text must contain for an RE2 pattern to match: what a prefilter looks for.

`(?:hello|hi) (?:\\w+ )?\\[name\\]` matches only texts that contain `hello ` or `hi `, and `[name]`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product
from math import fsum, prod
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from kb.guards.patterns.re2_syntax import (
    CHARACTER_CLASS,
    CONTROLS,
    DIGITS,
    ESCAPE,
    SPACES,
    numbered_character,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_MAX_CONDITIONS = 2
_MAX_TEXTS = 24
"""Maximum number of texts that a part of a pattern is spelled out as; a part with more is cut there."""

_MAX_CLASS = 12
_MAX_DEPTH = 50
_LIKELY = 0.3
"""Conditions that are expected to be met more often, in a post, are of no use."""

_TYPICAL_LENGTH = 250


class _Shares(dict[str, float]):
    """The rough share of a character among all characters of English and Hebrew posts."""

    def __missing__(self, character: str) -> float:
        return 0.0002


_SHARES = _Shares(
    (character, share)
    for characters, share in (
        (" ", 0.17),
        ("etaoinsr", 0.035),
        ("יוהלרבתשמ", 0.022),
        ("hldcu.,", 0.016),
        ("אםנעחדקפכwmyfpgb", 0.01),
        ("סגצןטkv:", 0.005),
        ("זךףץ\n0123456789", 0.0025),
        ("jxqz'\"״׳-־–?!’", 0.0015),
    )
    for character in characters
)


class Condition(NamedTuple):
    """A condition for a match: a matching text has at least one of the casefolded literals.

    `frequency` is roughly the number of occurrences per post, so it may exceed 1.
    """

    frequency: float
    literals: frozenset[str]


_TOKEN = re.compile(
    rf"(?P<run>[^\\.^$|()\[\]*+?{{}}]+)|(?P<flags>\(\?[a-zA-Z-]+\))|(?P<open>\((?:\?(?:P?<[^>]+>|[a-zA-Z-]*:))?)"
    rf"|(?P<close>\))|(?P<bar>\|)|(?P<repeat>(?:[*+?]|\{{(?P<least>[0-9]+)(?P<comma>,)?(?P<most>[0-9]+)?\}})\??)"
    rf"|(?P<class>{CHARACTER_CLASS})|(?P<escape>{ESCAPE})|(?P<character>.)",
    re.DOTALL,
)
_IN_CLASS = re.compile(
    rf"(?P<posix>\[:\^?\w+:\])|(?P<first>{ESCAPE}|.)(?:-(?P<last>{ESCAPE}|[^\]]))?", re.DOTALL
)
_UNKNOWN = re.compile(r"\\[QC0-7]|\(\?[a-zA-Z-]+\)(?:[*+?]|\{[0-9])")
"""Rare syntax: literal text, bytes, octal escapes, and a repetition after flags, which is one of what stands
before them."""

_frequency = attrgetter("frequency")

_SURROGATES = frozenset(map(chr, range(0xD800, 0xE000)))
"""Halves of characters: RE2 accepts them, but no text has any."""

_NOTHING = frozenset(("",))
_SETS = {"d": DIGITS, "s": SPACES}
_ASSERTIONS = "AzbB"


def required_literals(pattern: str) -> tuple[Condition, ...]:
    """The conditions that a text must meet for a valid pattern to match, the rarest first; none if unknown.

    Case is ignored even if the pattern does not ignore it: compare with `text.casefold()`.
    """
    if _UNKNOWN.search(pattern):
        return ()
    parser = _Parser(pattern)
    part = parser.alternatives()
    if parser.is_too_deep:
        return ()
    return tuple(each for each in _rarest(part.all_conditions()) if each.frequency < _LIKELY)


def _condition(literals: frozenset[str]) -> Condition:
    frequencies = (_TYPICAL_LENGTH * prod(map(_SHARES.__getitem__, literal)) for literal in literals)
    return Condition(fsum(frequencies), literals)


def _rarest(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    return tuple(
        sorted({*conditions}, key=lambda each: (each.frequency, sorted(each.literals)))[:_MAX_CONDITIONS]
    )


class _Part(NamedTuple):
    """A part of a pattern: all texts that it matches, casefolded, if these are few, and its conditions."""

    texts: frozenset[str] | None
    conditions: tuple[Condition, ...] = ()

    def all_conditions(self) -> tuple[Condition, ...]:
        """The conditions of the part, including the one that its texts imply."""
        return (*self.conditions, *_conditions(self.texts))


_ANYTHING = _Part(None)
_EMPTY = _Part(_NOTHING)


def _conditions(texts: frozenset[str] | None) -> tuple[Condition, ...]:
    return () if texts is None or "" in texts else (_condition(texts),)


class _Parser:
    """A recursive descent over the tokens of a pattern."""

    def __init__(self, pattern: str) -> None:
        self._tokens = [*_TOKEN.finditer(pattern)]
        self._position = 0
        self._depth = 0
        self.is_too_deep = False
        """Whether groups are nested so deeply that the rest of the pattern was not read."""

    def alternatives(self) -> _Part:
        """The alternatives up to the end of the group or of the pattern."""
        parts = [self._sequence()]
        while self._kind() == "bar":
            self._position += 1
            parts.append(self._sequence())
        return _one_of(parts)

    def _group(self) -> _Part:
        """The rest of a group, whose beginning has been read."""
        if self._depth == _MAX_DEPTH:
            self._position, self.is_too_deep = len(self._tokens), True
            return _ANYTHING
        self._depth += 1
        part = self.alternatives()
        self._depth -= 1
        self._position += 1
        return part

    def _kind(self) -> str | None:
        return self._tokens[self._position].lastgroup if self._position < len(self._tokens) else None

    def _sequence(self) -> _Part:
        parts: list[_Part] = []
        while (kind := self._kind()) not in (None, "bar", "close"):
            token = self._tokens[self._position]
            self._position += 1
            if kind == "run":
                parts += self._run(token.group())
            elif kind == "flags":
                continue
            else:
                parts.append(self._repeated(self._atom(token)))
        return _sequence(parts)

    def _run(self, text: str) -> list[_Part]:
        """Characters as written; a repetition applies to the last one."""
        if self._kind() != "repeat":
            return [_literal(text)]
        last = self._repeated(_literal(text[-1]))
        return [_literal(text[:-1]), last] if len(text) > 1 else [last]

    def _atom(self, token: re.Match[str]) -> _Part:
        if token["open"] is not None:
            return self._group()
        if token["class"] is not None:
            return _class(token["class"])
        if token["escape"] is not None:
            return _escape(token["escape"])
        character = token.group()
        return _EMPTY if character in "^$" else _ANYTHING if character == "." else _literal(character)

    def _repeated(self, part: _Part) -> _Part:
        while self._kind() == "repeat":
            token = self._tokens[self._position]
            self._position += 1
            part = _times(part, *_bounds(token))
        return part


def _bounds(token: re.Match[str]) -> tuple[int, int | None]:
    """The least and the greatest number of a repetition; None for no limit."""
    if token["least"] is None:
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[token.group()[0]]
    least = int(token["least"])
    return least, int(token["most"]) if token["most"] else None if token["comma"] else least


def _one_of(parts: list[_Part]) -> _Part:
    if len(parts) == 1:
        return parts[0]
    if all(part.texts is not None for part in parts):
        texts = frozenset[str]().union(*(part.texts or () for part in parts))
        return _Part(texts) if len(texts) <= _MAX_TEXTS else _Part(None, _conditions(texts))
    best = [min(part.all_conditions(), key=_frequency, default=None) for part in parts]
    literals = [each.literals for each in best if each is not None]
    return _Part(None, _conditions(frozenset().union(*literals))) if len(literals) == len(best) else _ANYTHING


def _sequence(parts: Iterable[_Part]) -> _Part:
    """The part for a sequence of parts. Their texts are joined as long as they are few."""
    texts, conditions = _NOTHING, list[Condition]()
    is_whole = True
    for part in parts:
        conditions += part.conditions
        if part.texts is not None and len(texts) * len(part.texts) <= _MAX_TEXTS:
            texts = frozenset(map("".join, product(texts, part.texts))) if texts != _NOTHING else part.texts
        else:
            conditions += _conditions(texts)
            texts = part.texts or _NOTHING
            is_whole = False
    if is_whole:
        return _Part(texts, tuple(conditions))
    return _Part(None, _rarest((*conditions, *_conditions(texts))))


def _times(part: _Part, least: int, most: int | None) -> _Part:
    if least == 0:
        is_optional = most == 1 and part.texts is not None and len(part.texts) < _MAX_TEXTS
        return _Part((part.texts or _NOTHING) | _NOTHING) if is_optional else _ANYTHING
    if least == most == 1:
        return part
    if part.texts is None or len(part.texts) ** least > _MAX_TEXTS:
        return _Part(None, _rarest(part.all_conditions()))
    texts = frozenset(map("".join, product(part.texts, repeat=least)))
    return _Part(texts) if least == most else _Part(None, _conditions(texts))


def _literal(text: str) -> _Part:
    return _Part(frozenset((text.casefold(),)))


def _escape(escape: str) -> _Part:
    members = _members(escape)
    if escape[1] in _ASSERTIONS:
        return _EMPTY
    return _ANYTHING if members is None else _of_characters(members)


@lru_cache(maxsize=1_000)
def _members(escape: str) -> Collection[str] | None:
    """The characters that an escape stands for; None if they are many."""
    if character := numbered_character(escape):
        return None if character in _SURROGATES else character
    name = escape[1]
    if name in _SETS:
        return _SETS[name]
    return CONTROLS.get(name) or (None if name.isalnum() else name)


@lru_cache(maxsize=1_000)
def _class(token: str) -> _Part:
    """A character class; anything if it is large or negated."""
    if token.startswith("[^"):
        return _ANYTHING
    members: set[str] = set()
    for part in _IN_CLASS.finditer(token, 1, len(token) - 1):
        found = None if part["posix"] else _range(part["first"], part["last"])
        if found is None:
            return _ANYTHING
        members.update(found)
    return _of_characters(members)


def _range(first: str, last: str | None) -> Collection[str] | None:
    start = _members(first) if first[0] == "\\" else first
    if last is None or start is None:
        return start
    end = _members(last) if last[0] == "\\" else last
    if end is None or len(start) != 1 or len(end) != 1:
        return None
    codes = range(ord(*start), ord(*end) + 1)
    return [*map(chr, codes)] if len(codes) <= _MAX_CLASS else None


def _of_characters(members: Iterable[str]) -> _Part:
    texts = frozenset(map(str.casefold, members))
    return _Part(texts) if len(texts) <= _MAX_CLASS else _ANYTHING
