"""Upper bounds of the scores of parts of a sentence, which save scoring most parts."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations, pairwise, product
from typing import TYPE_CHECKING

from kb.guards.sentences.tokens import NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kb.guards.sentences.tokens import Token

_MAX_KNOWN = 1_000
"""Number of sets of classes whose bounds are cached."""

_MARGIN = 1e-9
"""More than the rounding errors of a sum of weights."""

_EDGES = frozenset("^$")
"""Signs that a text may have, and that mark the ends of a sentence in features."""


class ModelBounds:
    """What a bound needs of a model: its weights, and the most that its bias and classes of words can add."""

    def __init__(self, weights: Mapping[str, float], bias: float, most_classed: int) -> None:
        self.weights = weights
        counts = max(self.most(f"C:n{count}") for count in range(most_classed + 1))
        shares = max(map(self.most, ("C:dense", "C:sparse")))
        self._of_any = bias + _MARGIN + counts + shares + self.most("C:none")
        self.of_classes = lru_cache(_MAX_KNOWN)(self._of_classes)

    def most(self, feature: str) -> float:
        """The most that a feature can add to a score."""
        return max(0.0, self.weights.get(feature, 0.0))

    def _of_classes(self, classes: frozenset[str], *, is_question: bool) -> float:
        """The bias, and the most that these classes, and no others, can add to it in any order."""
        present = [*sorted(classes), *(["?"] if is_question else [])]
        return (
            self._of_any
            + sum(self.most(f"C:{name}") for name in present)
            + sum(self.most(f"C:{first}+{second}") for first, second in combinations(present, 2))
            + sum(self.most(f"C:{first}>{second}") for first, second in product(classes, repeat=2))
        )


class SentenceBounds:
    """Upper bounds of the scores of parts of a sentence, given its tokens.

    Single words and pairs of words count exactly, unless they are repeated. Shapes and context are left out.
    """

    def __init__(self, model: ModelBounds, tokens: Sequence[Token], *, is_question: bool) -> None:
        self._model = model
        self._tokens = tokens
        words = [token.within for token in tokens]
        get = model.weights.get
        self._words = _sums(words, get)
        self._pairs = _sums(map(" ".join, pairwise(words)), get)
        self._has_edges = not _EDGES.isdisjoint(words)
        classes = frozenset(name for token in tokens for name in token.classes)
        self._of_classes = model.of_classes(classes, is_question=is_question)
        if classes:
            self._of_classes += sum(
                model.most(f"{before.lower}>C:{name}")
                for before, token in pairwise(tokens)
                for name in token.classes
            )

    def of(self, first: int, last: int) -> float:
        """The upper bound for the tokens from `first` to `last`, at least two."""
        tokens, model = self._tokens, self._model
        words, pairs = self._words, self._pairs
        word = tokens[first].within
        bound = self._of_classes + words[last + 1] - words[first] + pairs[last] - pairs[first]
        if word == NAME:  # at the beginning, the word itself counts instead
            word, following = tokens[first].lower, tokens[first + 1].within
            bound += words[first] - words[first + 1] + pairs[first] - pairs[first + 1]
            bound += model.most(word) + model.most(f"{word} {following}")
        weigh = model.most if self._has_edges else self._weight
        bound += weigh(f"^ {word}") + weigh(f"{tokens[last].within} $")
        return bound + sum(model.most(f"^C:{name}") for name in tokens[first].classes)

    def _weight(self, feature: str) -> float:
        return self._model.weights.get(feature, 0.0)


def _sums(features: Iterable[str], get: Callable[[str], float | None]) -> list[float]:
    """The sums of the weights of the features before each position. Negative weights count once."""
    total, sums = 0.0, [0.0]
    negative: set[str] = set()
    for feature in features:
        weight = get(feature)
        if weight is not None:
            if weight > 0:
                total += weight
            elif feature not in negative:
                negative.add(feature)
                total += weight
        sums.append(total)
    return sums
