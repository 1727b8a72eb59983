"""A linear classifier that finds sentences of one kind, such as notes to colleagues, among others.

A model is data: word classes, weights of features, a bias and a threshold. The score of a sentence is the
bias plus the weights of its features, each counted once; `explain` shows the heaviest of them. Features are

- a word, and two words in a row, where `^` and `$` mark the ends: `pls`, `the pic`, `^ not`
- `C:edit`, a class with a word in the sentence; `C:edit+part`, two of them; `C:edit>part`, in this order and
  at most three words apart; `^C:edit`, the class of the first word; `ask>C:team`, a word before a class
- shapes: `<lower first>`, `<no end>`, `<capitals>`, `<short>`, `<long>`, `C:none`, `C:dense`, `C:n3`
- what stands around a part of a text: `<first>`, `<after end>`, `<after word>`, `<last>`, `<before line>`
"""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from math import fsum
from sys import intern
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.search.cache import SHORT, word_cache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

_EMOJI = "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_BREAK = re.compile(rf"[.!?…]+[\"”')]*(?=\s|$)|[\n\[\]()<>|*]+|//+|[{_EMOJI}]+(?= +[A-Zא-ת])")
_SENTENCE_END = re.compile(rf"(?<=[.!?…])\s+|\n+|[{_EMOJI}]+ +(?=[A-Zא-ת])")
_CLAUSE = re.compile(r"(?<=[a-z\d!?'’)]) (?=[A-Z][a-z'’])|, |: | [-–—] ")
_TOKEN = re.compile(r"\d+|[^\W\d_]+(?:['’׳\"״][^\W\d_]+)*|[?!]+|[#@&+:;…]|[^\w\s.,'’\"“”׳״–—-]")
_HEBREW_PREFIX = re.compile(r"[ושהבלמכ]{1,2}(?=[א-ת]{2})")
_LETTER = re.compile(r"[^\W\d_]")
_PLAIN = str.maketrans("’״׳", "'\"'")

_NAME = "<name>"
_SHORT, _LONG = 4, 16
_ENDS = ".!?…"
_OPENING, _CLOSING = "([{*<|", ")]}*>|"
_REACH = 3
"""Maximum distance, in words, of two classes in an ordered feature (`C:edit>part`)."""

_AROUND = re.compile(rf"[{_EMOJI} ,:\t\r\n]*")
_MAX_CLAUSES = 12
_MIN_WORDS = 3
_MAX_LENGTH = 800
"""Parts longer than this, in characters, are skipped, to keep the time linear."""

_MOST_CLASSED = 5

_MAX_TEXT = 3_000
"""In a longer text, which is not a post, only the first and the last half of this many characters count."""

_MAX_KNOWN_WORDS = 16_000
_MAX_HINTS = 8_000

_MIN_HINT = 0.25
"""Prefilter: the positive weights of a part's single words must add up to this much before it is scored,
which takes ten times as long."""


class Part(NamedTuple):
    """The offsets of a part of a text."""

    start: int
    end: int


def sentences(text: str) -> Iterator[Part]:
    """Split a text at the ends of sentences, lines and brackets; parts without letters are dropped."""
    start = 0
    for end, following in [
        *((match.end(), match.end()) for match in _BREAK.finditer(text)),
        (len(text),) * 2,
    ]:
        part = _trimmed(text, start, end)
        if _LETTER.search(text, *part):
            yield part
        start = following


def clauses(text: str, sentence: Part) -> Iterator[Part]:
    """A sentence, and the parts before and after each place in it where another may begin.

    Notes often lack a period before the next sentence.
    """
    yield sentence
    places = [match.end() for match in _CLAUSE.finditer(text, *sentence)][:_MAX_CLAUSES]
    for place in places:
        for part in (_trimmed(text, sentence.start, place), _trimmed(text, place, sentence.end)):
            if text.count(" ", *part) >= _MIN_WORDS - 1:
                yield part


def clauses_of(text: str) -> Iterator[Iterable[Part]]:
    """For each sentence, itself and its clauses. Single words are skipped, unless they are the whole text."""
    for sentence in sentences(text):
        if sentence.end - sentence.start == len(text) or " " in text[sentence.start : sentence.end]:
            yield clauses(text, sentence)


def pairs_of(text: str) -> Iterator[Iterable[Part]]:
    """Each pair of consecutive sentences of a text, or its only sentence."""
    ends = [*((match.start(), match.end()) for match in _SENTENCE_END.finditer(text)), (len(text), len(text))]
    start = 0
    found: list[Part] = []
    for end, following in ends:
        if _LETTER.search(text, start, end):
            found.append(_trimmed(text, start, end))
        start = following
    if len(found) == 1:
        yield found
    for first, second in pairwise(found):
        yield [Part(first.start, second.end)]


PARTS = {"clauses": clauses_of, "pairs": pairs_of}
"""How a model splits a text, by the name in its file."""


def _trimmed(text: str, start: int, end: int) -> Part:
    """A part without the spaces and emoji around it, unless there is nothing else in it."""
    first = _AROUND.match(text, start, end)
    assert first is not None
    if first.end() == end:
        return Part(start, end)
    last = end
    while _AROUND.fullmatch(text, last - 1, last):
        last -= 1
    return Part(first.end(), last)


class _Token(NamedTuple):
    """A token in lower case, its form as a feature within a sentence, and its classes."""

    lower: str
    within: str
    classes: tuple[str, ...]


class WordClasses:
    """Classes of words. Immutable: threads share it."""

    def __init__(self, classes: Mapping[str, Sequence[str]]) -> None:
        """Index words by class; a word may be in several."""
        self._classes: dict[str, tuple[str, ...]] = {}
        for name, words in classes.items():
            for word in words:
                self._classes[word] = (*self._classes.get(word, ()), name)
        self._known: dict[str, _Token] = {}

    def words(self) -> Iterable[str]:
        """The words that are listed in a class."""
        return self._classes.keys()

    def of(self, word: str) -> tuple[str, ...]:
        """The classes of a lower-case word; a Hebrew one is also looked up without its prefixes."""
        found = self._classes.get(word)
        if found is None and "א" <= word[0] <= "ת":
            found = self._classes.get(word[1:]) or self._classes.get(_HEBREW_PREFIX.sub("", word, count=1))
        return found or ()

    def features(self, sentence: str) -> set[str]:
        """The features of a sentence."""
        known = self._known
        texts = _TOKEN.findall(sentence)
        tokens = [known.get(text) or self._look_up(text) for text in texts]
        words = [token.within for token in tokens]
        if words[:1] == [_NAME]:  # nearly every sentence begins with a capital
            words[0] = tokens[0].lower
        found = {*words, *map(" ".join, pairwise(("^", *words, "$")))}
        found.update(_shapes(sentence, texts), _class_features(tokens, is_question="?" in sentence))
        return found

    def features_in(self, text: str, part: Part) -> set[str]:
        """The features of a part of a text, and of what stands around it."""
        found = self.features(text[part.start : part.end])
        found.update((_before(text, part.start), _after(text, part.end)))
        return found

    def _look_up(self, text: str) -> _Token:
        # Share one object among equal words of all models: thousands are cached.
        lower = intern(text.lower().translate(_PLAIN))
        if len(self._known) >= _MAX_KNOWN_WORDS:
            self._known.clear()
        token = _Token(lower, _normalized(text, lower), self.of(lower))
        if len(text) <= SHORT:
            self._known[intern(text)] = token
        return token


def _class_features(tokens: Sequence[_Token], *, is_question: bool) -> Iterator[str]:
    classed = [(place, token.classes) for place, token in enumerate(tokens) if token.classes]
    present = sorted({name for _, names in classed for name in names})
    if is_question:
        present.append("?")
    yield from (f"C:{name}" for name in present)
    yield from (f"C:{first}+{second}" for first, second in combinations(present, 2))
    yield from (f"^C:{name}" for token in tokens[:1] for name in token.classes)
    for number, (place, names) in enumerate(classed, start=1):
        for other, following in classed[number : number + _REACH]:
            if other <= place + _REACH:
                yield from (f"C:{first}>{second}" for first in names for second in following)
        if place:
            yield from (f"{tokens[place - 1].lower}>C:{name}" for name in names)
    count = sum(any(not name.endswith(("sell", "reader")) for name in names) for _, names in classed)
    yield f"C:n{min(count, _MOST_CLASSED)}"
    yield "C:dense" if count * 3 >= len(tokens) else "C:sparse"
    if not classed:
        yield "C:none"


def _normalized(token: str, lower: str) -> str:
    """The token in lower case; numbers and capitalized names become placeholders."""
    if token.isdigit():
        return "<number>"
    if len(token) > 1 and token.isascii() and token.istitle():
        return _NAME
    return lower


def _shapes(sentence: str, tokens: Sequence[str]) -> Iterator[str]:
    if sentence[:1].islower():
        yield "<lower first>"
    if sentence[-1:].isalnum():
        yield "<no end>"
    if sentence.isupper() and len(tokens) > 1:
        yield "<capitals>"
    if len(tokens) <= _SHORT:
        yield "<short>"
    if len(tokens) >= _LONG:
        yield "<long>"


def _before(text: str, start: int) -> str:
    """What precedes a part. A note that nothing separates from a sentence before it follows a word."""
    place = start
    while place and text[place - 1].isspace():
        place -= 1
    if not place:
        return "<first>"
    sign = text[place - 1]
    if sign in _ENDS:
        return "<after end>"
    if sign in _OPENING:
        return "<after bracket>"
    if "\n" in text[place:start]:
        return "<after line>"
    return "<after word>" if sign.isalnum() else "<after sign>"


def _after(text: str, end: int) -> str:
    """What follows a part."""
    place = end
    while place < len(text) and text[place].isspace():
        place += 1
    if place == len(text):
        return "<last>"
    if text[end - 1] in _ENDS:
        return "<before sentence>"
    sign = text[place]
    if sign in _CLOSING:
        return "<before bracket>"
    if "\n" in text[end:place]:
        return "<before line>"
    return "<before capital>" if sign.isupper() else "<before word>"


class _WordHints(dict[str, float]):
    """The hint of each lower-case token: `hints[token]`. Immutable but for a memo: threads share it.

    A token of ASCII letters is one of the listed words, or it has no hint. So only others are memoized.
    """

    def __init__(self, words: Iterable[str], find: Callable[[str], float]) -> None:
        super().__init__((word, find(word)) for word in words)
        self._find = word_cache(_MAX_HINTS)(find)

    def __missing__(self, token: str) -> float:
        return 0.0 if token.isascii() else self._find(token)


class SentenceModel:
    """A linear model over sentences. Immutable: threads share it."""

    def __init__(self, classes: WordClasses, content: Mapping[str, Any]) -> None:
        """Take the word classes and the content of a weights file."""
        self._classes = classes
        self._weights: Mapping[str, float] = content["weights"]
        self._bias: float = content["bias"]
        self._threshold: float = content["threshold"]
        self._parts = PARTS[content["parts"]]
        self._hints = {feature: weight for feature, weight in self._weights.items() if weight > 0}
        words = (*filter(_TOKEN.fullmatch, self._hints), *classes.words())
        self._word_hints = _WordHints(words, self._find_hint)

    def score(self, text: str, part: Part | None = None) -> float:
        """The score of a sentence, or of a part of a text: the higher, the likelier."""
        weights = map(self._weights.get, self._features(text, part))
        # Sum exactly: the order of a set differs between processes, and nearly equal scores compete.
        return self._bias + fsum(filter(None, weights))

    def explain(self, text: str, part: Part | None = None) -> list[tuple[str, float]]:
        """The features of a sentence, or of a part of a text, that have a weight, heaviest first."""
        known = [(each, self._weights[each]) for each in self._features(text, part) if each in self._weights]
        return sorted(known, key=lambda item: (-abs(item[1]), item[0]))

    def _features(self, text: str, part: Part | None) -> set[str]:
        return self._classes.features_in(text, part) if part else self._classes.features(text)

    def matches(self, text: str) -> list[Part]:
        """The parts of a text that are of the kind, in order; of overlapping parts, the likeliest."""
        scored = [self._likeliest(text, parts) for parts in self._candidates(text)]
        kept: list[Part] = []
        for score, part in sorted(scored, key=lambda pair: -pair[0]):
            if score <= self._threshold:
                break
            if all(part.end <= other.start or other.end <= part.start for other in kept):
                kept.append(part)
        return sorted(kept)

    def _likeliest(self, text: str, parts: Sequence[Part]) -> tuple[float, Part]:
        """The score and the part of the highest-scoring of a sentence and its clauses."""
        return max((self.score(text, part), part) for part in parts)

    def _candidates(self, text: str) -> Iterator[list[Part]]:
        """Groups of parts that pass the prefilter; the first part of each contains the others."""
        is_long = len(text) > _MAX_TEXT
        for first, last in (
            ((0, _MAX_TEXT // 2), (len(text) - _MAX_TEXT // 2, len(text))) if is_long else ((0, len(text)),)
        ):
            piece = text[first:last]
            for parts in map(iter, self._parts(piece)):
                whole = next(parts)
                start, end = whole
                if end - start <= _MAX_LENGTH and self._hint(piece[start:end]) >= _MIN_HINT:
                    yield [Part(first + part.start, first + part.end) for part in (whole, *parts)]

    def _hint(self, text: str) -> float:
        """The sum of the positive weights of the single words of a text."""
        hints = self._word_hints
        found = map(hints.get if text.isascii() else hints.__getitem__, set(_TOKEN.findall(text.lower())))
        return fsum(filter(None, found))

    def _find_hint(self, token: str) -> float:
        word = token.translate(_PLAIN)
        hint: float = self._hints.get(word, 0.0)
        for name in self._classes.of(word):
            hint += self._hints.get(f"C:{name}", 0.0)
        return hint
