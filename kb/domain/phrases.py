"""A text as words, and phrases that are looked up in it, in English and Hebrew."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORD = re.compile(
    "[^\\W_](?:[^\\W_]|[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]|['’‘׳`](?=[^\\W_])"
    # gershayim within an acronym; a geresh that closes a word, after the letters that take one
    "|(?<=[א-ת])[\"״”“](?=[א-ת])|(?<=[גדזצץת])['׳’])*"
)
_DROPPED = str.maketrans("", "", "'’‘׳`\"״”“")
_POSSESSIVES = ("'s", "’s")
_PARTICLES = frozenset("והבלמשכ")
_SPACE = " \t\r\n\u00a0\u200e\u200f"
_HYPHENS = "-־"


class Word(NamedTuple):
    """A word as it stands in a text, and what it is looked up by."""

    text: str
    start: int
    end: int
    forms: tuple[str, ...]  # the key; without a possessive; without one and two Hebrew particles

    @property
    def key(self) -> str:
        """What it is looked up by first."""
        return self.forms[0]

    @property
    def hebrew(self) -> bool:
        return "א" <= self.key[:1] <= "ת"

    @property
    def capitalized(self) -> bool:
        return len(self.text) > 1 and self.text[0].isupper() and not self.text.isupper()

    @property
    def initial(self) -> bool:
        return len(self.text) == 1 and self.text.isupper()

    @property
    def possessive(self) -> bool:
        return not self.hebrew and len(self.forms) > 1

    def without(self, particles: int) -> tuple[str, ...]:
        """The forms without up to so many Hebrew particles."""
        return self.forms[: particles + 1] if self.hebrew else self.forms


class ReadText:
    """The words of a text, and what stands between them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = list(cut(text))

    def joined(self, at: int, joints: str = _HYPHENS) -> bool:
        """Whether there is a word, and between it and the one before only space or one of the joints."""
        if not 0 < at < len(self.words):
            return False
        gap = self.text[self.words[at - 1].end : self.words[at].start]
        sign = gap.strip(_SPACE) if len(gap) < 5 else "?"
        return gap.count("\n") < 2 and (not sign or sign in joints)

    def hyphenated(self, at: int) -> bool:
        return self.text[self.words[at].start - 1] in _HYPHENS


@dataclass(slots=True)
class Phrases:
    """Phrases by their words, each with what it stands for."""

    following: dict[str, Phrases] = field(default_factory=dict)
    value: Any = None

    def add(self, phrase: str, value: Any = True) -> None:
        node = self
        for word in cut(phrase):
            node = node.following.setdefault(word.key, Phrases())
        if node is not self:
            node.value = value

    def longest(
        self, text: ReadText, at: int, *, particles: int = 2, joints: str = _HYPHENS
    ) -> tuple[int, Any] | None:
        """Where the longest phrase that begins at a word ends, and what it stands for."""
        best = None
        for form in text.words[at].without(particles):
            node, end = self.following.get(form), at + 1
            while node is not None:
                if node.value is not None and (best is None or end > best[0]):
                    best = end, node.value
                if not text.joined(end, joints):
                    break
                # within a phrase only the article comes before a Hebrew word: חסר האחריות
                word = text.words[end]
                forms = word.without(int(word.key.startswith("ה")))
                node = next(filter(None, map(node.following.get, forms)), None)
                end += 1
        return best


def cut(text: str) -> Iterator[Word]:
    """The words of a text in its order, each with the forms by which it is looked up."""
    for match in _WORD.finditer(text):
        word = match.group()
        yield Word(word, match.start(), match.end(), _forms(word))


def _forms(word: str) -> tuple[str, ...]:
    key = key_of(word)
    if not "א" <= key[:1] <= "ת":
        return (key, key[:-1]) if word.endswith(_POSSESSIVES) else (key,)
    for count in (0, 1):
        if key[count] not in _PARTICLES or len(key) < count + 3:
            return tuple(key[start:] for start in range(count + 1))
    return key, key[1:], key[2:]


def key_of(word: str) -> str:
    """Without case, accents, niqqud, apostrophes, geresh and gershayim."""
    if word.isascii():
        return word.translate(_DROPPED).lower()
    plain = unicodedata.normalize("NFKD", word).translate(_DROPPED)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()
