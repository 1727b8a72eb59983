"""Wide patterns: a prefilter for patterns, with automata of a fraction of the size.

RE2 builds an automaton while it reads texts. Letters of any script, multibyte characters and bounded
repetitions multiply its states, and each state grows with the number of character classes that a pattern
distinguishes. The states take memory, and fetching them takes most of the time of a pass through many
automata. A wide pattern matches everything that the pattern does, and a little more, in texts of one byte per
character, with few kinds of letters and with unbounded repetitions.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from itertools import groupby
from string import ascii_letters
from typing import TYPE_CHECKING
from unicodedata import category

from kb.guards.patterns.re2_syntax import (
    CHARACTER_CLASS,
    CONTROLS,
    DIGITS,
    ESCAPE,
    SPACES,
    numbered_character,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence, Set

_FIRST_BYTE = 0x80
_OTHER_BYTE = 0xBF
"""Stands for all characters that have no byte of their own."""

_ANY = "(?s:.)"
_OTHERS = ""
"""Stands, within a class, for all characters that have no byte of their own."""

_LATIN, _HEBREW = "etaoinsrhldcumwyfpgbvkjxqz", "יוהלרבתשמאםנעחדקפכסגצןטזךףץ"
"""The letters of a script, the most frequent first."""

_NEITHER_ASCII_NOR_HEBREW = re.compile(rf"[^\x00-\x7f{_HEBREW}]")

_KINDS = 12
"""Number of kinds of letters in a script; letters twelve places apart share a kind.

The bytes of the kinds are adjacent, so a class of letters is a single range.
"""

_LETTERS_LIKE_ASCII = "ſ\u212a"
"""RE2 equates them with s and k if a pattern ignores case. Text in NFKC has none."""

_MAX_COUNTED = 4
"""Highest repetition count that a wide pattern keeps; larger bounds become open."""

_TOKEN = re.compile(
    rf"(?P<named>\(\?P?<[^>]+>)|(?P<flags>\(\?[a-zA-Z-]*[:)])|(?P<escape>{ESCAPE})|(?P<class>{CHARACTER_CLASS})"
    r"|\{(?P<least>[0-9]+)(?P<comma>,)?(?P<most>[0-9]+)?\}|(?P<character>[a-zA-Z]|[^\x00-\x7f])",
    re.DOTALL,
)
_IN_CLASS = re.compile(
    rf"\[:\^?\w+:\]|(?P<first>\\x\{{[^}}]*\}}|\\x..|\\[^pPdDsSwWx]|[^\\])-(?P<last>{ESCAPE}|.)|(?P<single>{ESCAPE}|.)",
    re.DOTALL,
)
_SETS = {r"\d": DIGITS, r"\s": SPACES, r"\w": DIGITS | {*ascii_letters, "_"}}
_CATEGORY = re.compile(r"\\p(?:\{(?P<long>[A-Z][a-z]?)\}|(?P<short>[A-Z]))")
_UNKNOWN = re.compile(rf"\\[QC0-7]|[{_LETTERS_LIKE_ASCII}]|\\x\{{0*(?:17[fF]|212[aA])\}}")
"""Rare syntax: literal text, bytes, octal escapes, letters that match ASCII ones."""

_UNKNOWN_MARK, _QUESTION_MARK = "?", "\ud800"
"""What stands, while a text is encoded, for a character without a byte, as the encoder writes it, and for a
question mark: a surrogate, which no text has."""


class Alphabet:
    """A one-byte encoding for some patterns, without case.

    Each kind of letters in English and in Hebrew has a byte, as have all other characters of ASCII, and those
    outside that the patterns name most often. All others share one, among them the letters of other scripts
    with case.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        counts = Counter(_NEITHER_ASCII_NOR_HEBREW.findall("".join(patterns)))
        counts.pop(_QUESTION_MARK, None)
        named = [each for each in counts if each <= "\uffff" and each.lower() == each.upper()]
        others = sorted(named, key=lambda each: (-counts[each], each))
        characters = (
            *map(chr, range(_FIRST_BYTE)),
            *_HEBREW,
            *others[: _OTHER_BYTE - _FIRST_BYTE - len(_HEBREW)],
        )
        decoded = [*characters, *"\ufffe" * (256 - len(characters))]
        decoded[ord(_UNKNOWN_MARK)], decoded[_OTHER_BYTE] = _QUESTION_MARK, _UNKNOWN_MARK
        self._table = codecs.charmap_build("".join(decoded))
        self._bytes = {character: byte for byte, character in enumerate(characters)} | {_OTHERS: _OTHER_BYTE}
        kinds = bytearray(range(256))
        for letters, first in ((_LATIN, ord("a")), (_HEBREW, _FIRST_BYTE)):
            for number, letter in enumerate(letters):
                for each in {letter, letter.upper()}:
                    kinds[self._bytes[each]] = first + number % _KINDS
        self._kinds = bytes(kinds)
        self._bytes = {character: kinds[byte] for character, byte in self._bytes.items()}
        self._used = sorted({*self._bytes.values()})
        self._categories: dict[str, frozenset[str] | None] = {}

    def encode(self, text: str) -> bytes | None:
        """Encode a text for wide patterns; None if they might miss a match in it."""
        if text.isascii():
            return text.encode().translate(self._kinds)
        if any(letter in text for letter in _LETTERS_LIKE_ASCII):
            return None
        # A handler of errors, called for each run of emoji, would take a hundred times as long.
        text = text.replace("?", _QUESTION_MARK)
        return codecs.charmap_encode(text, "replace", self._table)[0].translate(self._kinds)

    def widen(self, pattern: str) -> str:
        """Turn a valid pattern into a wide one, in ASCII; compile it without ignoring case."""
        return "" if _UNKNOWN.search(pattern) else _TOKEN.sub(self._widen, pattern)

    def _widen(self, token: re.Match[str]) -> str:
        if token["named"] is not None:
            return "("
        if token["flags"] is not None:
            return _without_case(token["flags"])
        if token["class"] is not None:
            return self._class(token["class"])
        if token["character"] is not None:
            return self._written(token["character"])
        if token["escape"] is not None:
            return self._escape(token["escape"])
        return _repetition(int(token["least"]), token["most"], is_open=bool(token["comma"]))

    def _written(self, character: str) -> str:
        """A character as written in a wide pattern."""
        byte = self._bytes.get(character, _OTHER_BYTE)
        return chr(byte) if character.isalpha() and byte < _FIRST_BYTE else f"\\x{{{byte:x}}}"

    def _escape(self, escape: str) -> str:
        if escape[1] in "pP":
            return self._class(f"[{escape}]")
        character = numbered_character(escape) or escape[1]
        is_plain = len(escape) == 2 and character <= "\x7f"
        return escape if is_plain else self._written(character)

    def _class(self, token: str) -> str:
        """Widen a character class: it includes all others if it has one; a negated class excludes none."""
        is_negated = token.startswith("[^")
        named: set[str] = set()
        for part in _IN_CLASS.finditer(token[2 if is_negated else 1 : -1]):
            members = self._members(part)
            if members is not None:
                named |= members
            elif not is_negated:
                return _ANY
        included = (self._bytes.keys() - named) | {_OTHERS} if is_negated else named
        return self._written_class({self._bytes[each] for each in included})

    def _written_class(self, members: Set[int]) -> str:
        """A class of bytes, in few ranges, which include bytes that no text has."""
        if len(members) == len(self._used):
            return _ANY
        runs = ([*run] for is_in, run in groupby(self._used, members.__contains__) if is_in)
        return f"[{''.join(map(_written_range, runs))}]"

    def _members(self, part: re.Match[str]) -> Set[str] | None:
        """The characters of the alphabet that a part of a class matches; None if they are unknown."""
        single = part["single"]
        if part["first"] is not None:
            return self._range(_character_of(part["first"]), _character_of(part["last"]))
        if single is None:
            return None
        if single[0] == "\\" and single[1] in "pP":
            return self._category(single)
        if single in _SETS:
            return _SETS[single]
        if single.lower() in _SETS:
            return self._bytes.keys() - _SETS[single.lower()]
        character = _character_of(single)
        return {character if character in self._bytes else _OTHERS}

    def _range(self, first: str, last: str) -> Set[str]:
        """The members of a range, with all others if it has some of them."""
        members = {each for each in self._bytes if each and first <= each <= last}
        if len(members) <= ord(last) - ord(first):
            members.add(_OTHERS)
        if any(first <= letter <= last for letter in _LETTERS_LIKE_ASCII):
            members |= {*"SKsk"}
        return members

    def _category(self, escape: str) -> Set[str] | None:
        """The members of a Unicode category and all others; None if the category is unknown."""
        if escape not in self._categories:
            self._categories[escape] = self._find_category(escape)
        return self._categories[escape]

    def _find_category(self, escape: str) -> frozenset[str] | None:
        found = _CATEGORY.fullmatch(escape)
        if found is None:
            return None
        name = found["long"] or found["short"]
        return frozenset(each for each in self._bytes if each == _OTHERS or category(each).startswith(name))


def _character_of(written: str) -> str:
    """The single character that a class writes, possibly escaped."""
    if written[0] != "\\" or len(written) == 1:
        return written
    return numbered_character(written) or CONTROLS.get(written[1], written[1])


def _without_case(flags: str) -> str:
    """Flags, or the start of a group with flags, except for ignoring case."""
    on, _, off = flags[2:-1].replace("i", "").partition("-")
    others = f"{on}-{off}" if off else on
    return f"(?{others}{flags[-1]}" if others or flags[-1] == ":" else ""


def _written_range(run: Sequence[int]) -> str:
    return f"\\x{{{run[0]:x}}}-\\x{{{run[-1]:x}}}"


def _repetition(least: int, most: str | None, *, is_open: bool) -> str:
    """A repetition, without an upper bound unless it is short."""
    limit = least if not is_open else None if most is None else int(most)
    if limit is not None and limit <= _MAX_COUNTED:
        return f"{{{least}}}" if limit == least else f"{{{least},{limit}}}"
    return f"{{{min(least, _MAX_COUNTED)},}}"
