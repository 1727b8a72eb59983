"""Wide patterns: a prefilter for patterns, with automata of a fraction of the size.

RE2 builds an automaton while it reads texts. Letters of any script, multibyte characters and bounded
repetitions multiply its states: they take memory, and most of the time of a pass through many automata goes
into fetching them. A wide pattern matches everything that the pattern does, and a little more, in texts of
one byte per character, with unbounded repetitions.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from typing import TYPE_CHECKING
from unicodedata import category

from kb.guards.re2_syntax import CHARACTER_CLASS, ESCAPE, numbered_character

if TYPE_CHECKING:
    from collections.abc import Iterable

_FIRST_BYTE = 0x80
_OTHER_BYTE = 0xBF
"""Stands for all characters without a byte of their own. Higher bytes are cased letters in Latin-1, which RE2
would equate if case is ignored."""

_OTHER = f"\\x{{{_OTHER_BYTE:x}}}"
_ANY = "(?s:.)"
_ANY_IN_CLASS = r"\x00-\x{ff}"

_LETTERS_LIKE_ASCII = "ſ\u212a"
"""RE2 equates them with s and k if case is ignored. Text in NFKC has none."""

_MAX_COUNTED = 4
"""Highest repetition count that a wide pattern keeps; larger bounds become open."""

_TOKEN = re.compile(
    rf"(?P<group>\(\?P?<[^>]+>)|(?P<escape>{ESCAPE})|(?P<class>{CHARACTER_CLASS})"
    r"|\{(?P<least>[0-9]+)(?P<comma>,)?(?P<most>[0-9]+)?\}|(?P<character>[^\x00-\x7f])",
    re.DOTALL,
)
_IN_CLASS = re.compile(
    rf"\[:\^?\w+:\]|(?P<first>\\x\{{[^}}]*\}}|\\x..|\\[^pPdDsSwWx]|[^\\])-(?P<last>{ESCAPE}|.)|(?P<single>{ESCAPE}|.)",
    re.DOTALL,
)
_CATEGORY = re.compile(r"\\p(?:\{(?P<long>[A-Z][a-z]?)\}|(?P<short>[A-Z]))")
_UNKNOWN = re.compile(rf"\\[QC0-7]|[{_LETTERS_LIKE_ASCII}]|\\x\{{0*(?:17[fF]|212[aA])\}}")
"""Rare syntax: literal text, bytes, octal escapes, letters that match ASCII ones."""

_ERRORS = "kb.other_character"


def _as_other(error: UnicodeError) -> tuple[bytes, int]:
    assert isinstance(error, UnicodeEncodeError)
    return bytes([_OTHER_BYTE]) * (error.end - error.start), error.end


codecs.register_error(_ERRORS, _as_other)


class Alphabet:
    """A one-byte encoding for some patterns: ASCII unchanged, a byte each for the non-ASCII characters that
    they use most, and one byte for all others.

    Non-ASCII letters with case are among the others.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        named = Counter(
            character
            for pattern in patterns
            for character in pattern
            if "\x7f" < character <= "\uffff" and character.lower() == character.upper()
        )
        most = sorted(named, key=lambda each: (-named[each], each))[: _OTHER_BYTE - _FIRST_BYTE]
        characters = (*map(chr, range(_FIRST_BYTE)), *most)
        self._bytes = {character: byte for byte, character in enumerate(characters)}
        self._table = codecs.charmap_build("".join(characters).ljust(256, "\ufffe"))

    def encode(self, text: str) -> bytes | None:
        """Encode a text for wide patterns; None if they might miss a match in it."""
        if text.isascii():
            return text.encode()
        if any(letter in text for letter in _LETTERS_LIKE_ASCII):
            return None
        return codecs.charmap_encode(text, _ERRORS, self._table)[0]

    def widen(self, pattern: str) -> str:
        """Turn a valid pattern into a wide one, in ASCII."""
        return "" if _UNKNOWN.search(pattern) else _TOKEN.sub(self._widen, pattern)

    def _widen(self, token: re.Match[str]) -> str:
        if token["group"] is not None:
            return "("
        if token["class"] is not None:
            return self._class(token["class"])
        if token["character"] is not None:
            return self._written(token["character"]) or _OTHER
        if token["escape"] is not None:
            return self._escape(token["escape"])
        return _repetition(int(token["least"]), token["most"], is_open=bool(token["comma"]))

    def _written(self, character: str) -> str:
        """A character as written in a wide pattern; empty if it has no byte of its own."""
        return f"\\x{{{self._bytes[character]:x}}}" if character in self._bytes else ""

    def _escape(self, escape: str) -> str:
        if escape[1] in "pP":
            members = self._category(escape)
            return _ANY if members is None else f"[{members}{_OTHER}]"
        character = _character_of(escape)
        return escape if character <= "\x7f" else self._written(character) or _OTHER

    def _class(self, token: str) -> str:
        """Widen a character class: it includes all others if it has one; a negated class excludes none."""
        is_negated = token.startswith("[^")
        others, unknown = ("", "") if is_negated else (_OTHER, _ANY_IN_CLASS)
        parts: list[str] = []
        for part in _IN_CLASS.finditer(token[2 if is_negated else 1 : -1]):
            written = part["single"]
            if part["first"] is not None:
                parts.append(self._range(part, others))
            elif written is None:
                parts.append(part.group())
            elif written[0] == "\\" and written[1] in "pP":
                members = self._category(written)
                parts.append(unknown if members is None else members + others)
            elif (character := _character_of(written)) <= "\x7f":
                parts.append(r"\-" if written == "-" else written)
            else:
                parts.append(self._written(character) or others)
        content = "".join(parts)
        return _ANY if is_negated and not content else f"[{'^' * is_negated}{content}]"

    def _range(self, part: re.Match[str], others: str) -> str:
        """Widen a range in a class; it gets `others` if it covers some of them."""
        first, last = _character_of(part["first"]), _character_of(part["last"])
        if last <= "\x7f":
            return part.group()
        members = [self._written(each) for each in self._bytes if first <= each <= last]
        if len(members) <= ord(last) - ord(first):
            members.append(others)
        if others and any(first <= letter <= last for letter in _LETTERS_LIKE_ASCII):
            members.append("SKsk")
        return "".join(members)

    def _category(self, escape: str) -> str | None:
        """The characters of a Unicode category with bytes of their own; None if the category is unknown."""
        found = _CATEGORY.fullmatch(escape)
        if found is None:
            return None
        name = found["long"] or found["short"]
        return "".join(self._written(each) for each in self._bytes if category(each).startswith(name))


def _character_of(written: str) -> str:
    """The character that a pattern writes, possibly escaped; `d` for a class such as `\\d`."""
    return numbered_character(written) or written[-1]


def _repetition(least: int, most: str | None, *, is_open: bool) -> str:
    """A repetition, without an upper bound unless it is short."""
    limit = least if not is_open else None if most is None else int(most)
    if limit is not None and limit <= _MAX_COUNTED:
        return f"{{{least}}}" if limit == least else f"{{{least},{limit}}}"
    return f"{{{min(least, _MAX_COUNTED)},}}"
