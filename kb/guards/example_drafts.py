"""Example drafts: texts that would repeat what an incident tells of, as somebody else might write them.

A draft and the report of an incident seldom share words: the one makes the joke, the other describes it. Two
drafts that make the same mistake do. So an incident is also found by what a draft has in common with its
examples: words by their rarity among the examples, in one form each, and concepts.

`seeds/example_drafts.jsonl` has those of the shipped incidents; what a guard of a lesson must find is an
example of the incident, too. What they are worth is measured in docs/check.md.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from hashlib import sha256
from heapq import nlargest
from math import log, sqrt
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import orjson

from kb.config import seeds_dir
from kb.domain.draft import Draft
from kb.guards.analysis import AnalyzedDraft

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from kb.search.concepts import ConceptTable

CONCEPT_WEIGHT = 2.0
"""What a concept counts for beside a word of the same rarity."""

_MAX_FEATURES = 80
"""By how many features a draft is compared, the most telling: an article has a thousand."""

_MAX_NEAREST = 60
"""How many examples are looked at, the nearest."""

_COUNTED = 4
"""How many examples of an incident count, each half as much as the one before it."""

_SHARES = [0.5**rank for rank in range(_COUNTED)]

_Feature = tuple[str, str]
"""The kind of a feature, `word` or `concept`, and its form or key."""


class ExampleDraft(NamedTuple):
    """A text, and the incidents that it resembles: by external id, or by number."""

    text: str
    like: tuple[str | int, ...]


class Resemblance(NamedTuple):
    """How much a draft resembles the examples of an incident, from 0 to 2, and the example nearest to it."""

    score: float
    nearest: str


class Rarities(NamedTuple):
    """How telling features are: the logarithm of the number of examples for each that has one, and what an
    unknown one is worth."""

    known: Mapping[_Feature, float]
    unknown: float


class ComparedDraft(NamedTuple):
    """The most telling features of a draft with their weights, and the length of that as a vector."""

    weights: Mapping[_Feature, float]
    length: float


class ExampleDrafts:
    """Example drafts, ready to be compared with others. Immutable."""

    def __init__(
        self, examples: Sequence[ExampleDraft], concepts: ConceptTable, others: ExampleDrafts | None = None
    ) -> None:
        """Analyze the examples. How rare a word is, `others` say where these are too few to tell."""
        self._examples = tuple(examples)
        features = [_features(AnalyzedDraft(Draft(text=each.text), concepts)) for each in self._examples]
        self.rarities: Rarities = _rarities(features) if others is None else others.rarities
        places: defaultdict[_Feature, list[int]] = defaultdict(list)
        weights: defaultdict[_Feature, list[float]] = defaultdict(list)
        for place, each in enumerate(features):
            weighted = self._weighted(each)
            length = _length(weighted.values())
            for feature, weight in weighted.items():
                places[feature].append(place)
                weights[feature].append(weight / length)
        self._postings = {
            feature: (np.array(places[feature], np.int32), np.array(weights[feature], np.float32))
            for feature in places
        }

    def resemblances(self, compared: ComparedDraft) -> dict[str | int, Resemblance]:
        """How much a draft resembles the incidents of the nearest examples."""
        similarities = self._similarities(compared)
        alike = np.flatnonzero(similarities)
        if len(alike) > _MAX_NEAREST:
            found = similarities[alike]
            alike = alike[found >= np.partition(found, -_MAX_NEAREST)[-_MAX_NEAREST]]
        nearest = alike[np.argsort(-similarities[alike], kind="stable")][:_MAX_NEAREST]
        scores: dict[str | int, float] = {}
        counts: dict[str | int, int] = {}
        first: dict[str | int, int] = {}
        for place, similarity in zip(nearest.tolist(), similarities[nearest].tolist(), strict=True):
            for key in self._examples[place].like:
                count = counts.get(key, 0)
                if not count:
                    scores[key], first[key] = similarity, place
                elif count < _COUNTED:
                    scores[key] += similarity * _SHARES[count]
                counts[key] = count + 1
        return {key: Resemblance(score, self._examples[first[key]].text) for key, score in scores.items()}

    def compare(self, draft: AnalyzedDraft) -> ComparedDraft:
        """A draft as it is compared with these examples, and with those that take the rarities of these."""
        weighted = self._weighted(_features(draft))
        if len(weighted) > _MAX_FEATURES:
            weighted = dict(nlargest(_MAX_FEATURES, weighted.items(), key=itemgetter(1)))
        return ComparedDraft(weighted, _length(weighted.values()))

    def _weighted(self, features: Mapping[_Feature, float]) -> dict[_Feature, float]:
        known, unknown = self.rarities
        return {feature: weight * known.get(feature, unknown) for feature, weight in features.items()}

    def _similarities(self, compared: ComparedDraft) -> NDArray[np.float64]:
        """The cosine of a draft with each example."""
        postings = self._postings
        found = [
            (postings[feature], weight) for feature, weight in compared.weights.items() if feature in postings
        ]
        if not found:
            return np.zeros(len(self._examples))
        places = np.concatenate([places for (places, _), _ in found])
        weights = np.concatenate([weights for (_, weights), _ in found])
        factors = np.array([weight for _, weight in found], np.float32)
        weights *= np.repeat(factors, [len(places) for (places, _), _ in found])
        sums = np.bincount(places, weights, len(self._examples))
        return np.round(sums / compared.length, 6)


def _rarities(examples: Sequence[Mapping[_Feature, float]]) -> Rarities:
    counts = Counter(feature for features in examples for feature in features)
    total = len(examples) + 1
    known = {feature: log(total / (count + 0.5)) for feature, count in counts.items()}
    return Rarities(known, unknown=log(2 * total))


def _features(draft: AnalyzedDraft) -> dict[_Feature, float]:
    """What a draft is compared by, with weights: the base forms of its words, and the concepts it touches."""
    features = {("word", forms[-1]): 1.0 for forms in dict.fromkeys(draft.forms) if forms}
    touches = {concept: [touch.clear for touch in found] for concept, found in draft.touched.items()}
    for concept, weight in draft.concept_table.weigh(touches).items():
        features["concept", concept] = CONCEPT_WEIGHT * weight
    return features


def _length(weights: Iterable[float]) -> float:
    return sqrt(sum(weight * weight for weight in weights)) or 1.0


def shipped_example_drafts() -> tuple[ExampleDraft, ...]:
    """The examples of `seeds/example_drafts.jsonl`, in the order of the file."""
    rows = map(orjson.loads, _content().splitlines())
    return tuple(ExampleDraft(row["text"], tuple(row["like"])) for row in rows)


@cache
def examples_digest() -> str:
    """A hash of the shipped examples."""
    return sha256(_content()).hexdigest()


def _content() -> bytes:
    return (seeds_dir() / "example_drafts.jsonl").read_bytes()
