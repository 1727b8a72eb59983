"""Example drafts: texts that would repeat the mistake of an incident, as someone else might write them.

The report of an incident seldom shares words with a draft that repeats it: the draft makes the joke, the
report describes it. But drafts that make the same mistake do share words. So incidents are also found by the
similarity of a draft to their examples: base forms of words, weighted by their rarity among the examples, and
concepts.

`seeds/example_drafts.jsonl` has the examples of the shipped incidents; the bad examples of a lesson's guard
are also examples of its incident. docs/check-figures.md measures their effect.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from hashlib import sha256
from heapq import nlargest
from math import log, sqrt
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson

from kb.config import seeds_dir
from kb.derived_files import derived
from kb.domain.draft import Draft
from kb.guards.analysis import AnalyzedDraft

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from kb.search.concepts import ConceptTable

CONCEPT_WEIGHT = 2.0
"""The weight of a concept relative to a word of the same rarity."""

_MAX_FEATURES = 80
"""Maximum number of features of a draft that are compared, the most informative ones. An article has a
thousand."""

_MAX_NEAREST = 60
"""Only this many nearest examples are considered."""

_COUNTED = 4
"""How many examples of an incident count, each half as much as the next nearer one."""

_SHARES = [0.5**rank for rank in range(_COUNTED)]

_Feature = str
"""A base form, or _CONCEPT and the key of a concept: strings are looked up faster than tuples."""

_CONCEPT = "concept "
"""Prefix of concept features; no word has a space."""


class ExampleDraft(NamedTuple):
    """A text, and the incidents that it resembles, by external id or by number."""

    text: str
    like: tuple[str | int, ...]


class Resemblance(NamedTuple):
    """How much a draft resembles the examples of an incident, from 0 to 2, and the nearest example."""

    score: float
    nearest: str


class Rarities(NamedTuple):
    """Inverse document frequencies: the weight of each known feature, and of unknown ones."""

    known: Mapping[_Feature, float]
    unknown: float


class _Postings(NamedTuple):
    """The examples that have each feature, and its weight in each, in flat arrays; the entries of a feature
    begin at `starts[number]`.

    A separate array for each of the thousands of features would take more memory, and longer to join.
    """

    numbers: Mapping[_Feature, int]
    starts: NDArray[np.int64]
    examples: NDArray[np.int64]
    weights: NDArray[np.float32]


class ComparedDraft(NamedTuple):
    """The most informative features of a draft with their weights, and the length of that vector."""

    weights: Mapping[_Feature, float]
    length: float


class ExampleDrafts:
    """Example drafts, ready to be compared with others. Immutable."""

    def __init__(
        self,
        examples: Sequence[ExampleDraft],
        concepts: ConceptTable,
        others: ExampleDrafts | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        """Analyze the examples, unless the `data` of an earlier analysis is given. Rarities are taken from
        `others`, if given: a few examples cannot tell.
        """
        self._examples = tuple(examples)
        if data is not None:
            self.rarities, self._postings = _restored(data)
            return
        features = [_features(AnalyzedDraft(Draft(text=each.text), concepts)) for each in self._examples]
        self.rarities = _rarities(features) if others is None else others.rarities
        self._postings = _postings([self._weighted(each) for each in features])

    def data(self) -> dict[str, Any]:
        """What the analysis found, as plain data; for examples with rarities of their own."""
        numbers, starts, examples, weights = self._postings
        return {
            "features": [*numbers],
            "rarities": [self.rarities.known[feature] for feature in numbers],
            "unknown": self.rarities.unknown,
            "starts": starts.tolist(),
            "examples": examples.tolist(),
            "weights": weights.tolist(),
        }

    def resemblances(
        self, compared: ComparedDraft, among: Container[str | int] | None = None
    ) -> dict[str | int, Resemblance]:
        """How much a draft resembles the incidents of the nearest examples; `among` limits the incidents."""
        similarities = self._similarities(compared)
        is_alike = similarities > 0
        if len(similarities) > _MAX_NEAREST:
            is_alike &= similarities >= np.partition(similarities, -_MAX_NEAREST)[-_MAX_NEAREST]
        alike = np.flatnonzero(is_alike)
        nearest = alike[np.argsort(-similarities[alike], kind="stable")][:_MAX_NEAREST]
        scores: dict[str | int, float] = {}
        counts: dict[str | int, int] = {}
        first: dict[str | int, int] = {}
        for index, similarity in zip(nearest.tolist(), similarities[nearest].tolist(), strict=True):
            for key in self._examples[index].like:
                if among is not None and key not in among:
                    continue
                count = counts.get(key, 0)
                if not count:
                    scores[key], first[key] = similarity, index
                elif count < _COUNTED:
                    scores[key] += similarity * _SHARES[count]
                counts[key] = count + 1
        return {key: Resemblance(score, self._examples[first[key]].text) for key, score in scores.items()}

    def compare(self, draft: AnalyzedDraft) -> ComparedDraft:
        """Prepare a draft for comparison with these examples, and with others that share their rarities."""
        weighted = self._weighted(_features(draft))
        if len(weighted) > _MAX_FEATURES:
            weighted = dict(nlargest(_MAX_FEATURES, weighted.items(), key=itemgetter(1)))
        return ComparedDraft(weighted, _length(weighted.values()))

    def _weighted(self, features: Mapping[_Feature, float]) -> dict[_Feature, float]:
        known, unknown = self.rarities
        return {feature: weight * known.get(feature, unknown) for feature, weight in features.items()}

    def _similarities(self, compared: ComparedDraft) -> NDArray[np.float64]:
        """The cosine similarity of a draft to each example."""
        numbers, starts, examples, weights = self._postings
        known = [
            (numbers[feature], weight) for feature, weight in compared.weights.items() if feature in numbers
        ]
        if not known:
            return np.zeros(len(self._examples))
        rows = np.array([number for number, _ in known])
        factors = np.array([weight for _, weight in known], np.float32)
        counts = starts[rows + 1] - starts[rows]
        ends = counts.cumsum()
        entries = np.arange(ends[-1])
        entries += np.repeat(starts[rows] + counts - ends, counts)
        products = weights.take(entries)
        products *= np.repeat(factors, counts)
        sums = np.bincount(examples.take(entries), products, len(self._examples))
        return np.round(sums / compared.length, 6)


def _postings(examples: Sequence[Mapping[_Feature, float]]) -> _Postings:
    """Build the postings; weights are normalized."""
    found: defaultdict[_Feature, list[tuple[int, float]]] = defaultdict(list)
    for index, weighted in enumerate(examples):
        length = _length(weighted.values())
        for feature, weight in weighted.items():
            found[feature].append((index, weight / length))
    entries = [entry for each in found.values() for entry in each]
    return _Postings(
        numbers={feature: number for number, feature in enumerate(found)},
        starts=np.cumsum([0, *map(len, found.values())], dtype=np.int64),
        examples=np.array([index for index, _ in entries], np.int64),
        weights=np.array([weight for _, weight in entries], np.float32),
    )


def _restored(data: Mapping[str, Any]) -> tuple[Rarities, _Postings]:
    """The rarities and postings in the data of an analysis."""
    features = data["features"]
    return Rarities(dict(zip(features, data["rarities"], strict=True)), data["unknown"]), _Postings(
        numbers={feature: number for number, feature in enumerate(features)},
        starts=np.array(data["starts"], np.int64),
        examples=np.array(data["examples"], np.int64),
        weights=np.array(data["weights"], np.float32),
    )


def _rarities(examples: Sequence[Mapping[_Feature, float]]) -> Rarities:
    counts = Counter(feature for features in examples for feature in features)
    total = len(examples) + 1
    known = {feature: log(total / (count + 0.5)) for feature, count in counts.items()}
    return Rarities(known, unknown=log(2 * total))


def _features(draft: AnalyzedDraft) -> dict[_Feature, float]:
    """The features of a draft with their weights: base forms of its words, and concepts that it touches."""
    features = {forms[-1]: 1.0 for forms in draft.forms if forms}
    for concept, weight in draft.concept_weights.items():
        features[_CONCEPT + concept] = CONCEPT_WEIGHT * weight
    return features


def _length(weights: Iterable[float]) -> float:
    return sqrt(sum(weight * weight for weight in weights)) or 1.0


def shipped_example_drafts() -> tuple[ExampleDraft, ...]:
    """The examples of `seeds/example_drafts.jsonl`, in the order of the file."""
    rows = map(orjson.loads, _content().splitlines())
    return tuple(ExampleDraft(row["text"], tuple(row["like"])) for row in rows)


def analyzed_example_drafts(concepts: ConceptTable) -> ExampleDrafts:
    """The shipped examples, ready to be compared."""
    examples = shipped_example_drafts()
    inputs = [_content(), concepts.digest.encode()]
    data = derived("example-drafts", inputs, lambda: ExampleDrafts(examples, concepts).data())
    return ExampleDrafts(examples, concepts, data=data)


@cache
def examples_digest() -> str:
    """A hash of the shipped examples."""
    return sha256(_content()).hexdigest()


def _content() -> bytes:
    return (seeds_dir() / "example_drafts.jsonl").read_bytes()
