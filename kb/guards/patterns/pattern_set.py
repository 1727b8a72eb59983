"""Patterns of guards: compiled with RE2, which runs in linear time, and matched together in few passes.

They match `CleanText.spaced`: lower case, with single spaces around each word and each run of one sign.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import re2

from kb.derived_files import derived
from kb.guards.errors import GuardError
from kb.guards.patterns.literal_index import LiteralIndex, literal_table
from kb.guards.patterns.narrow import is_narrow, narrowed
from kb.guards.patterns.wide import Alphabet
from kb.messages import Message, joined

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MAX_PATTERN_LENGTH = 500
_POINTER = "/parameters/pattern"

_MAX_PATTERN_MEMORY = 1 << 20
_MAX_SET_MEMORY = 2 << 20
_SHORT_TEXT = 3_000
_SHORT_TEXT_MEMORY = (1 << 16, 1 << 17)
"""Memory limits of one pattern, in bytes, for texts up to _SHORT_TEXT characters: the first that suffices to
compile it. It caches fewer states, which does not slow down short texts; in longer ones, finding a match
would take ten times as long."""

_OWN_SET_MEMORY = 1 << 18
"""The memory limit of the set of a single pattern, in bytes. It is small, because there may be thousands."""

_SET_SIZE = 10
"""Number of patterns matched in one pass over a long text, for which all sets run, or of patterns without
literals. The other patterns are matched in a short text by sets of their own: a shared one would have far
more states, and be run whenever the literals of a single pattern are found."""

_FEW = 50
"""Up to this many patterns are matched one by one, which is faster: patterns with gaps have many states in a
set, and a long text needs most of them."""

_SYNTAX = re.compile(r"\\[pP]\{\w+\}|\\[a-zA-Z]|\(\?P?<[^>]+>|\(\?[a-z]+")
_LATIN_WORD = re.compile("[A-Za-z]{2}")

_LOOKAROUND = re.compile(r"\(\?<?[=!]")
_ASCII_BOUNDARY = re.compile(r"\\[bB]")
_ANY_TEXT = "^"
"""Matches every text, unless the set has run out of memory."""


def compile_pattern(pattern: str) -> re2._Regexp:
    """Compile a pattern, ignoring case. Raises GuardError."""
    if not pattern.strip():
        raise GuardError(Message("Write a pattern."), _POINTER)
    if _LOOKAROUND.search(pattern):
        raise GuardError(
            Message(
                "RE2 has no lookahead and no lookbehind. Write what stands before and after into the "
                "pattern, or list what to leave out under `except`."
            ),
            _POINTER,
        )
    if _ASCII_BOUNDARY.search(pattern) and not pattern.isascii():
        raise GuardError(
            Message(r"\b and \B know ASCII letters only. Write a space: every word stands between two."),
            _POINTER,
        )
    try:
        compiled = re2.compile(pattern, compile_options(_MAX_PATTERN_MEMORY))
    except re2.error as error:
        raise GuardError(
            Message("The pattern is invalid: {reason}.", reason=_reason(error)), _POINTER
        ) from error
    except UnicodeEncodeError as error:
        raise GuardError(Message("The pattern has half of a character. Type it again."), _POINTER) from error
    if compiled.search("") is not None:
        raise GuardError(
            Message("The pattern matches the empty text. Make a part of it mandatory."), _POINTER
        )
    return compiled


def compile_shipped(pattern: str, *, ignore_case: bool = False) -> re2._Regexp:
    """Compile a pattern of the program itself. By default, RE2 would cache eight times as many states."""
    return re2.compile(pattern, compile_options(_MAX_PATTERN_MEMORY, ignore_case=ignore_case))


def compile_options(max_memory: int, *, ignore_case: bool = True) -> re2.Options:
    """The RE2 options for patterns of guards; `max_memory` is in bytes."""
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not ignore_case
    options.max_mem = max_memory
    return options


REASONS = (
    Message("missing )"),
    Message("unexpected )"),
    Message("missing ]"),
    Message("no argument for repetition operator"),
    Message("bad repetition operator"),
    Message("invalid repetition size"),
    Message("invalid character class range"),
    Message("invalid escape sequence"),
    Message("invalid perl operator"),
    Message("invalid named capture group"),
    Message("trailing \\"),
    Message("pattern too large - compile failed"),
)
"""RE2's error messages, listed for the catalogs; RE2 appends the location after a colon."""


def _reason(error: re2.error) -> Message:
    reason = error.args[0]
    text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    what, colon, where = text.partition(": ")
    return joined([Message(what), where], ": ") if colon else Message(what)


class PatternSet:
    """Finds which of many valid patterns may match a text, in few passes over it. Threads share it.

    The first pass finds the literals of all patterns; the others run the automata of patterns whose literals
    are in the text.
    """

    def __init__(self, patterns: Sequence[str], *, ignore_case: bool = True, name: str = "") -> None:
        """Compile the patterns. With a `name`, what is derived from them is kept (`derived_files`)."""
        self._patterns = patterns
        self._ignore_case = ignore_case
        self._compiled: dict[tuple[int, bool, bool], re2._Regexp] = {}
        self._alphabet = Alphabet(patterns)
        table = self._derived(name)
        self._literals = LiteralIndex(table["literals"])
        self._wide: Sequence[str] = table["wide"]
        numbers = table["order"]
        parts = [
            part
            for first in range(0, len(numbers), _SET_SIZE)
            for part in _compile_parts(self._wide, numbers[first : first + _SET_SIZE])
        ]
        self._parts = {number: part for part in parts for number in part.numbers}
        self._own_parts = {number: self._parts[number] for number in self._literals.unconditional}
        self._all = frozenset(self._parts)

    def _derived(self, name: str) -> Mapping[str, Any]:
        """The index of the patterns' literals, their wide forms, and the order in which sets take them."""

        def derive() -> dict[str, Any]:
            literals = literal_table(self._patterns)
            frequencies = literals["frequencies"]
            return {
                "literals": literals,
                "wide": [*map(self._alphabet.widen, self._patterns)],
                "order": sorted(
                    range(len(frequencies)),
                    key=lambda number: _kin(self._patterns[number], has_literals=frequencies[number] < 1),
                ),
            }

        inputs = "\0".join(self._patterns).encode("utf-8", "surrogatepass")
        table: Mapping[str, Any] = derived(name, [inputs], derive) if name else derive()
        return table

    def matches(self, text: str) -> frozenset[int]:
        """The numbers of the patterns that may match a text without surrogates.

        There may be false positives: a set distinguishes few non-ASCII characters, ignores case, and does not
        count long repetitions.
        """
        # A long text has most literals, so finding them takes longer than the sets that it saves.
        is_long = len(text) > _SHORT_TEXT
        return self._narrowed(self._all if is_long else self._literals.candidates(text), text)

    def candidates(self, text: str) -> frozenset[int]:
        """Like `matches`, but unfiltered if they are few: the caller matches each one by itself."""
        possible = self._literals.candidates(text)
        return possible if len(possible) <= _FEW else self._narrowed(possible, text)

    def _narrowed(self, candidates: frozenset[int], text: str) -> frozenset[int]:
        """The candidates that their sets do not rule out."""
        encoded = self._alphabet.encode(text) if candidates else None
        if encoded is None:
            return candidates
        part_of = self._parts.__getitem__ if len(text) > _SHORT_TEXT else self._own_part
        found: list[int] = []
        for part in {*map(part_of, candidates)}:
            indexes = part.match(encoded)
            if indexes != part.nothing:
                found += part.found(indexes)
        return candidates.intersection(found)

    def _own_part(self, number: int) -> _Part:
        """The set of one pattern, compiled when it is first a candidate, because few patterns ever are; the
        shared one if the pattern is too large."""
        part = self._own_parts.get(number)
        if part is None:
            part = self._parts[number]
            with suppress(re2.error):
                part = _Part(_compile_set([self._wide[number]], _OWN_SET_MEMORY), [number])
            self._own_parts[number] = part
        return part

    def compiled(self, number: int, text: str) -> re2._Regexp:
        """One compiled pattern, for a text. Compiled on first use, because few patterns ever match."""
        pattern = self._patterns[number]
        is_long, narrow = len(text) > _SHORT_TEXT, r"\p" in pattern and is_narrow(text)
        found = self._compiled.get((number, is_long, narrow))
        if found is None:
            found = self._compile(narrowed(pattern) if narrow else pattern, is_long=is_long)
            self._compiled[number, is_long, narrow] = found
        return found

    def _compile(self, pattern: str, *, is_long: bool) -> re2._Regexp:
        for memory in () if is_long else _SHORT_TEXT_MEMORY:
            with suppress(re2.error):
                return re2.compile(pattern, compile_options(memory, ignore_case=self._ignore_case))
        return re2.compile(pattern, compile_options(_MAX_SET_MEMORY, ignore_case=self._ignore_case))


def _kin(pattern: str, *, has_literals: bool) -> tuple[bool, bool, bool, str]:
    """A sort key that puts patterns together that are best matched together.

    Patterns without literals come together, since their sets always run. The others are grouped by script and
    by common prefix, since such patterns share states.
    """
    plain = _SYNTAX.sub("", pattern)
    has_others = not plain.isascii() and any(
        character > "\x7f" and character.isalpha() for character in plain
    )
    return has_literals, has_others, _LATIN_WORD.search(plain) is not None, pattern


class _Part:
    """A set of some of the patterns, with their numbers."""

    def __init__(self, compiled: re2.Set, numbers: Sequence[int]) -> None:
        self.match: Callable[[bytes], list[int] | None] = compiled.Match
        self.numbers = numbers
        self.nothing = [len(numbers)]
        """What `match` returns for nearly every text, which _ANY_TEXT alone matches."""

    def found(self, indexes: Sequence[int] | None) -> Sequence[int]:
        """The numbers of the patterns whose indexes `match` returned."""
        count = len(self.numbers)
        if indexes is None or count not in indexes:
            # Out of memory: any of the patterns may match.
            return self.numbers
        return [self.numbers[index] for index in indexes if index < count]


def _compile_parts(patterns: Sequence[str], numbers: Sequence[int]) -> list[_Part]:
    """Compile the numbered wide patterns into one set, or several if they exceed its memory."""
    try:
        compiled = _compile_set([patterns[number] for number in numbers], _MAX_SET_MEMORY)
    except re2.error:
        if len(numbers) > 1:
            half = len(numbers) // 2
            return [*_compile_parts(patterns, numbers[:half]), *_compile_parts(patterns, numbers[half:])]
        if not patterns[numbers[0]]:
            raise
        # Its wide form is none: the pattern itself is searched in every text, which takes longer.
        return _compile_parts([""] * len(patterns), numbers)
    return [_Part(compiled, numbers)]


def _compile_set(patterns: Sequence[str], max_memory: int) -> re2.Set:
    """Compile wide patterns into one set. Raises re2.error if they exceed its memory, in bytes."""
    options = compile_options(max_memory, ignore_case=False)  # wide patterns and texts have no case
    options.encoding = re2.Options.Encoding.LATIN1
    compiled = re2.Set.SearchSet(options)
    for pattern in (*patterns, _ANY_TEXT):
        compiled.Add(pattern)
    compiled.Compile()
    return compiled
