"""Tokenize English and Hebrew text, and look up phrases in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.caches import word_cache
from kb.domain.text import INVISIBLE, fold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

_WORD = re.compile(
    "[^\\W_]+(?:(?:[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]|['’‘׳`](?=[^\\W_])"
    # invisible characters that came with pasted text
    f"|[{INVISIBLE}]+(?=[^\\W_])"
    # gershayim inside an acronym; a final geresh, after the letters that can take one
    "|(?<=[א-ת])[\"״”“](?=[א-ת])|(?<=[גדזצץת])['׳’])[^\\W_]*)*"
)
_REMOVED_CHARACTERS = str.maketrans("", "", "'’‘׳`\"״”“")
_POSSESSIVES = ("'s", "’s")
_PARTICLES = frozenset("והבלמשכ")
_SPACE = " \t\r\n\u00a0\u200e\u200f"
_HYPHENS = "-־"


class Word(NamedTuple):
    """A word of a text, its offsets, and the forms to look it up by."""

    text: str
    start: int
    end: int
    lookup_forms: tuple[str, ...]  # the key; without a possessive; without one and two Hebrew particles

    @property
    def key(self) -> str:
        """The normalized word, the first form to look up."""
        return self.lookup_forms[0]

    @property
    def is_hebrew(self) -> bool:
        return "א" <= self.key[:1] <= "ת"

    @property
    def is_capitalized(self) -> bool:
        return len(self.text) > 1 and self.text[0].isupper() and not self.text.isupper()

    @property
    def is_initial(self) -> bool:
        return len(self.text) == 1 and self.text.isupper()

    @property
    def is_possessive(self) -> bool:
        return not self.is_hebrew and len(self.lookup_forms) > 1

    def forms_without_particles(self, particles: int) -> tuple[str, ...]:
        """The lookup forms with at most `particles` Hebrew particles removed."""
        return self.lookup_forms[: particles + 1] if self.is_hebrew else self.lookup_forms


class TokenizedText:
    """The words of a text, and the characters between them.

    A word is made when it is asked for, and offsets are found then: of a long text, few words are looked at.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._written: list[str] = _WORD.findall(text)
        self._by_form: dict[str, list[str]] = {}
        for word in {*self._written}:
            for form in _lookup_forms(word):
                self._by_form.setdefault(form, []).append(word)
        self._words: dict[int, Word] = {}

    def __len__(self) -> int:
        """The number of words."""
        return len(self._written)

    def __getitem__(self, at: int) -> Word:
        """The word at a position."""
        word = self._words.get(at)
        if word is None:
            written = self._written[at]
            word = self._words[at] = Word(written, *self._span(at), _lookup_forms(written))
        return word

    def positions(self, forms: AbstractSet[str]) -> list[int]:
        """The positions of the words with a lookup form in a set."""
        found = {word for form in self._by_form.keys() & forms for word in self._by_form[form]}
        return [at for at, word in enumerate(self._written) if word in found] if found else []

    def is_adjacent(self, at: int, separators: str = _HYPHENS) -> bool:
        """Whether only space or one separator lies between the word at a position and the word before it.

        False if either word does not exist, or if a blank line lies between them.
        """
        if not 0 < at < len(self):
            return False
        gap = self.text[self._span(at - 1)[1] : self._starts[at]]
        sign = gap.strip(_SPACE) if len(gap) < 5 else "?"
        return gap.count("\n") < 2 and (not sign or sign in separators)

    def is_hyphenated(self, at: int) -> bool:
        return self.text[self._starts[at] - 1] in _HYPHENS

    def _span(self, at: int) -> tuple[int, int]:
        start = self._starts[at]
        return start, start + len(self._written[at])

    @cached_property
    def _starts(self) -> list[int]:
        """The offset of each word. Between two words there is no character that a word may begin with."""
        starts, end = [], 0
        for word in self._written:
            starts.append(start := self.text.index(word, end))
            end = start + len(word)
        return starts


@dataclass(slots=True)
class PhraseTrie:
    """A trie of phrases, keyed by word, each with a value."""

    children: dict[str, PhraseTrie] = field(default_factory=dict)
    value: Any = None

    def add(self, phrase: str, value: Any = True) -> None:
        node = self
        for word in tokenize(phrase):
            node = node.children.setdefault(word.key, PhraseTrie())
        if node is not self:
            node.value = value

    def starts(self, text: TokenizedText) -> list[int]:
        """The positions of the words at which a phrase may start."""
        return text.positions(self.children.keys())

    def longest_match(
        self, text: TokenizedText, at: int, *, particles: int = 2, separators: str = _HYPHENS
    ) -> tuple[int, Any] | None:
        """The end and the value of the longest phrase that starts at a word, or None."""
        best = None
        for form in text[at].forms_without_particles(particles):
            node, end = self.children.get(form), at + 1
            while node is not None:
                if node.value is not None and (best is None or end > best[0]):
                    best = end, node.value
                if not text.is_adjacent(end, separators):
                    break
                # inside a phrase, only the article may precede a Hebrew word: חסר האחריות
                word = text[end]
                lookup_forms = word.forms_without_particles(int(word.key.startswith("ה")))
                node = next(filter(None, map(node.children.get, lookup_forms)), None)
                end += 1
        return best


def tokenize(text: str) -> Iterator[Word]:
    """Yield the words of a text in order."""
    for match in _WORD.finditer(text):
        word = match.group()
        yield Word(word, *match.span(), _lookup_forms(word))


@word_cache(6_000)
def _lookup_forms(word: str) -> tuple[str, ...]:
    """The forms to look up a word by."""
    if word.isascii() and word.isalnum():  # most words; nothing to remove
        return (word.lower(),)
    key = normalize_word(word)
    if not "א" <= key[:1] <= "ת":
        return (key, key[:-1]) if word.endswith(_POSSESSIVES) else (key,)
    for count in (0, 1):
        if key[count] not in _PARTICLES or len(key) < count + 3:
            return tuple(key[start:] for start in range(count + 1))
    return key, key[1:], key[2:]


def normalize_word(word: str) -> str:
    """Remove case, accents, niqqud, apostrophes, geresh and gershayim."""
    if word.isascii():
        return word.translate(_REMOVED_CHARACTERS).lower()
    return fold(word).translate(_REMOVED_CHARACTERS)
