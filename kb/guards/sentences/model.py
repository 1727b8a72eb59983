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
from functools import cache
from itertools import combinations, pairwise
from math import fsum, inf
from typing import TYPE_CHECKING, Any

import orjson

from kb.caches import SHORT, shared, word_cache
from kb.config import seeds_dir
from kb.guards.sentences.bounds import ModelBounds, SentenceBounds
from kb.guards.sentences.parts import PARTS, Part
from kb.guards.sentences.tokens import NAME, TOKEN, Token, text_tokens
from kb.yaml_text import read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

_HEBREW_PREFIX = re.compile(r"[ושהבלמכ]{1,2}(?=[א-ת]{2})")
_PLAIN = str.maketrans("’״׳", "'\"'")

_SHORT, _LONG = 4, 16
_ENDS = ".!?…"
_OPENING, _CLOSING = "([{*<|", ")]}*>|"
_REACH = 3
"""Maximum distance, in words, of two classes in an ordered feature (`C:edit>part`)."""

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

_MIN_BOUNDED = 2
"""Parts with fewer tokens are scored at once."""


class WordClasses:
    """Classes of words. Immutable: threads share it."""

    def __init__(self, classes: Mapping[str, Sequence[str]]) -> None:
        """Index words by class; a word may be in several."""
        self._classes: dict[str, tuple[str, ...]] = {}
        for name, words in classes.items():
            for word in words:
                self._classes[word] = (*self._classes.get(word, ()), name)
        self._known: dict[str, Token] = {}

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
        texts = TOKEN.findall(sentence)
        tokens = self.tokens(texts)
        words = [token.within for token in tokens]
        if words[:1] == [NAME]:  # nearly every sentence begins with a capital
            words[0] = tokens[0].lower
        found = {*words, *map(" ".join, pairwise(("^", *words, "$")))}
        found.update(_shapes(sentence, len(texts)), _class_features(tokens, is_question="?" in sentence))
        return found

    def features_in(self, text: str, part: Part) -> set[str]:
        """The features of a part of a text, and of its context."""
        found = self.features(text[part.start : part.end])
        found.update((_before(text, part.start), _after(text, part.end)))
        return found

    def tokens(self, texts: Iterable[str]) -> list[Token]:
        """The tokens with these texts."""
        known = self._known
        return [known.get(text) or self._look_up(text) for text in texts]

    def _look_up(self, text: str) -> Token:
        lower = shared(text.lower().translate(_PLAIN))
        if len(self._known) >= _MAX_KNOWN_WORDS:
            self._known.clear()
        token = Token(lower, _normalized(text, lower), self.of(lower))
        if len(text) <= SHORT:
            self._known[shared(text)] = token
        return token


def _class_features(tokens: Sequence[Token], *, is_question: bool) -> Iterator[str]:
    classed = [(position, token.classes) for position, token in enumerate(tokens) if token.classes]
    present = sorted({name for _, names in classed for name in names})
    if is_question:
        present.append("?")
    yield from (f"C:{name}" for name in present)
    yield from (f"C:{first}+{second}" for first, second in combinations(present, 2))
    yield from (f"^C:{name}" for token in tokens[:1] for name in token.classes)
    for number, (position, names) in enumerate(classed, start=1):
        for other, following in classed[number : number + _REACH]:
            if other <= position + _REACH:
                yield from (f"C:{first}>{second}" for first in names for second in following)
        if position:
            yield from (f"{tokens[position - 1].lower}>C:{name}" for name in names)
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
        return NAME
    return lower


def _shapes(sentence: str, tokens: int) -> Iterator[str]:
    """The shapes of a sentence of so many tokens."""
    if sentence[:1].islower():
        yield "<lower first>"
    if sentence[-1:].isalnum():
        yield "<no end>"
    if sentence.isupper() and tokens > 1:
        yield "<capitals>"
    if tokens <= _SHORT:
        yield "<short>"
    if tokens >= _LONG:
        yield "<long>"


def _before(text: str, start: int) -> str:
    """What precedes a part. A note that nothing separates from a sentence before it follows a word."""
    position = start
    while position and text[position - 1].isspace():
        position -= 1
    if not position:
        return "<first>"
    sign = text[position - 1]
    if sign in _ENDS:
        return "<after end>"
    if sign in _OPENING:
        return "<after bracket>"
    if "\n" in text[position:start]:
        return "<after line>"
    return "<after word>" if sign.isalnum() else "<after sign>"


def _after(text: str, end: int) -> str:
    """What follows a part."""
    position = end
    while position < len(text) and text[position].isspace():
        position += 1
    if position == len(text):
        return "<last>"
    if text[end - 1] in _ENDS:
        return "<before sentence>"
    sign = text[position]
    if sign in _CLOSING:
        return "<before bracket>"
    if "\n" in text[end:position]:
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
        self._bounds = ModelBounds(self._weights, self._bias, _MOST_CLASSED)
        words = (*filter(TOKEN.fullmatch, self._hints), *classes.words())
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
        """Groups of parts that may score above the threshold, each of a sentence and its clauses."""
        is_long = len(text) > _MAX_TEXT
        for first, last in (
            ((0, _MAX_TEXT // 2), (len(text) - _MAX_TEXT // 2, len(text))) if is_long else ((0, len(text)),)
        ):
            piece = text[first:last]
            for parts in self._parts(piece):
                likely: list[Part] = []
                for (start, end), bound in self._bounded(piece, iter(parts)):
                    part = Part(first + start, first + end)
                    around = self._weight((_before(text, part.start), _after(text, part.end)))
                    if bound + around > self._threshold:
                        likely.append(part)
                if likely:
                    yield likely

    def _bounded(self, text: str, parts: Iterator[Part]) -> Iterator[tuple[Part, float]]:
        """The parts of a sentence that pass the prefilter, the whole sentence first.

        Each has an upper bound of its score without context.
        """
        whole = next(parts)
        if whole.end - whole.start > _MAX_LENGTH:
            return
        sentence, tokens = text[whole.start : whole.end], text_tokens(text)
        within = tokens.within(*whole)
        words = TOKEN.findall(sentence.lower()) if within is None else tokens.lower[within]
        if self._hint(words) < _MIN_HINT:
            return
        if within is None:
            yield from ((part, inf) for part in (whole, *parts))
            return
        known = self._classes.tokens(tokens.texts[within])
        bounds = SentenceBounds(self._bounds, known, is_question="?" in sentence)
        for part in (whole, *parts):
            own = tokens.within(*part)
            if own is None or own.stop - own.start < _MIN_BOUNDED:
                yield part, inf
            else:
                shapes = _shapes(text[part.start : part.end], own.stop - own.start)
                bound = bounds.of(own.start - within.start, own.stop - 1 - within.start)
                yield part, bound + self._weight(shapes)

    def _weight(self, features: Iterable[str]) -> float:
        return sum(self._weights.get(feature, 0.0) for feature in features)

    def _hint(self, words: Iterable[str]) -> float:
        """The sum of the positive weights of single words in lower case."""
        return fsum(map(self._word_hints.__getitem__, set(words)))

    def _find_hint(self, token: str) -> float:
        word = token.translate(_PLAIN)
        hint: float = self._hints.get(word, 0.0)
        for name in self._classes.of(word):
            hint += self._hints.get(f"C:{name}", 0.0)
        return hint


@cache
def shipped_model(name: str) -> SentenceModel:
    """The model `notes` or `invitations`, loaded once; `bench/drafts/sentence_training.py` trains them."""
    folder = seeds_dir() / "sentence_models"
    classes = WordClasses(read_yaml((folder / f"{name}.yaml").read_text("utf-8")))
    return SentenceModel(classes, orjson.loads((folder / f"{name}.json").read_bytes()))
