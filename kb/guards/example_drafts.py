"""Example drafts: texts that would repeat what an incident tells of, as somebody else might write them.

A draft and the report of an incident seldom share words: the one makes the joke, the other describes it. Two
drafts that make the same mistake do. So an incident is also found by what a draft has in common with its
examples: words by their rarity among the examples, in one form each, and concepts.

`seeds/example_drafts.jsonl` has those of the shipped incidents; the bad examples of a lesson's guard are those
of the incident that it is a lesson of. What they are worth is measured in docs/check.md.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import lru_cache
from math import log, sqrt
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

_MAX_NEAREST = 60
"""How many examples are looked at, the nearest."""

_COUNTED = 4
"""How many examples of an incident count, each half as much as the one before it."""

_Feature = tuple[str, str]
"""The kind of a feature, `word` or `concept`, and its form or key."""


class ExampleDraft(NamedTuple):
    """A text, and the external ids of the incidents that it resembles."""

    text: str
    like: tuple[str, ...]


class Resemblance(NamedTuple):
    """How much a draft resembles the examples of an incident, from 0 to 2, and the example nearest to it."""

    score: float
    nearest: str


class ExampleDrafts:
    """Example drafts, ready to be compared with others. Immutable."""

    def __init__(self, examples: Sequence[ExampleDraft], concepts: ConceptTable) -> None:
        """Analyze the examples."""
        self._examples = tuple(examples)
        features = [_features(AnalyzedDraft(Draft(text=each.text), concepts)) for each in self._examples]
        counts = Counter(feature for each in features for feature in each)
        self._unknown = log(2 * (len(features) + 1))
        self._rarity = {
            feature: log((len(features) + 1) / (count + 0.5)) for feature, count in counts.items()
        }
        places: defaultdict[_Feature, list[int]] = defaultdict(list)
        weights: defaultdict[_Feature, list[float]] = defaultdict(list)
        for place, each in enumerate(features):
            weighted = {feature: weight * self._rarity[feature] for feature, weight in each.items()}
            length = _length(weighted.values())
            for feature, weight in weighted.items():
                places[feature].append(place)
                weights[feature].append(weight / length)
        self._postings = {
            feature: (np.array(places[feature], np.int32), np.array(weights[feature], np.float32))
            for feature in places
        }

    def resemblances(self, draft: AnalyzedDraft) -> dict[str, Resemblance]:
        """How much a draft resembles the incidents of the nearest examples."""
        similarities = self._similarities(draft)
        nearest = np.argsort(-similarities, kind="stable")[:_MAX_NEAREST]
        scores: defaultdict[str, float] = defaultdict(float)
        counted: Counter[str] = Counter()
        first: dict[str, str] = {}
        for place in nearest[similarities[nearest] > 0].tolist():
            for key in self._examples[place].like:
                if counted[key] < _COUNTED:
                    scores[key] += float(similarities[place]) * 0.5 ** counted[key]
                    counted[key] += 1
                    first.setdefault(key, self._examples[place].text)
        return {key: Resemblance(score, first[key]) for key, score in scores.items()}

    def _similarities(self, draft: AnalyzedDraft) -> NDArray[np.float64]:
        """The cosine of the draft with each example."""
        similarities = np.zeros(len(self._examples))
        weighted = {
            feature: weight * self._rarity.get(feature, self._unknown)
            for feature, weight in _features(draft).items()
        }
        for feature in weighted.keys() & self._postings.keys():
            places, weights = self._postings[feature]
            similarities[places] += weighted[feature] * weights
        return np.round(similarities / _length(weighted.values()), 6)


def _features(draft: AnalyzedDraft) -> dict[_Feature, float]:
    """What a draft is compared by, with weights: the base forms of its words, and the concepts it touches."""
    features = {("word", forms[-1]): 1.0 for forms in draft.forms if forms}
    touches = {concept: [touch.clear for touch in found] for concept, found in draft.touched.items()}
    for concept, weight in draft.concept_table.weigh(touches).items():
        features["concept", concept] = CONCEPT_WEIGHT * weight
    return features


def _length(weights: Iterable[float]) -> float:
    return sqrt(sum(weight * weight for weight in weights)) or 1.0


@lru_cache(maxsize=1)
def shipped_example_drafts() -> tuple[ExampleDraft, ...]:
    """The examples of `seeds/example_drafts.jsonl`, in the order of the file."""
    lines = (seeds_dir() / "example_drafts.jsonl").read_text("utf-8").splitlines()
    rows = map(orjson.loads, lines)
    return tuple(ExampleDraft(row["text"], tuple(row["like"])) for row in rows)
