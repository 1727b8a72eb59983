"""Score a sentence by the evidence of the words and concepts that an incident shares with it.

The number of shared words does not count, because most words of a sentence are in most incidents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kb.search.whoosh_engine.format.layout import keyword_term
from kb.search.whoosh_engine.querying.clauses import Clauses, Leaf
from kb.search.whoosh_engine.querying.evidence import evidence_of_keyword, evidence_of_leaf, rarity
from kb.search.whoosh_engine.querying.matches import add_all
from kb.search.whoosh_engine.querying.scoring import BooleanScorer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.search.whoosh_engine.format.arrays import Array
    from kb.search.whoosh_engine.querying.matches import Matches
    from kb.search.whoosh_engine.querying.view import View

CONCEPT_SHARE = 0.4
"""The weight of a concept relative to a word of the same rarity: unlike in a draft, the words of a sentence
were chosen to find something."""

BONUS_SHARE = 0.5
"""The weight of the nearest spelling of a word without matches."""

_RELEVANT_SHARE, _NEAR_BEST = 0.35, 0.45
"""To match well, a document needs more than the first share of the evidence of all words and concepts, and
more than the second share of the best document's evidence."""


def concept_leaves(concepts: Mapping[str, float]) -> tuple[Leaf, ...]:
    """The leaves of the concepts that a sentence touches, given their weights by key."""
    return tuple(
        Leaf(key, None, ((keyword_term("concept", key), weight * CONCEPT_SHARE),))
        for key, weight in concepts.items()
    )


def evidence_of_concept(view: View, leaf: Leaf) -> Matches:
    """The documents with the concept of a leaf, scored by its evidence."""
    ((_, weight),) = leaf.terms
    return evidence_of_keyword(view, "concept", leaf.text, weight)


class SentenceScorer:
    """Scores a sentence. `coord` is 0 for all documents: the number of words does not count."""

    def __init__(self, view: View, clauses: Clauses) -> None:
        self._view = view
        self._conditions = Clauses(conditions=clauses.conditions)
        words = [leaf for leaf in clauses.should if isinstance(leaf, Leaf)]
        self.coord = np.zeros(view.snapshot.size, np.uint8)
        self.scored: list[Matches] = [evidence_of_leaf(view, leaf) for leaf in words]
        self._concepts = [evidence_of_concept(view, leaf) for leaf in clauses.concepts]
        self._whole = self._worth_of_all(words, clauses.concepts)
        self._worth = np.zeros(view.snapshot.size)
        add_all(self._worth, [*self.scored, *self._concepts])
        self._bonus = [evidence_of_leaf(view, leaf) for leaf in clauses.bonus]

    def _worth_of_all(self, words: Sequence[Leaf], concepts: Sequence[Leaf]) -> float:
        """The maximum evidence of all words and concepts. A word without matches counts as the average."""
        found = [matches.total for matches in self.scored if matches.total]
        worth = sum(rarity(self._view, total) for total in found) / max(len(found), 1) * len(words)
        return worth + sum(
            weight * rarity(self._view, matches.total)
            for leaf, matches in zip(concepts, self._concepts, strict=True)
            for _, weight in leaf.terms
        )

    def match(self, allowed: Array) -> Array:
        """Return the mask of the allowed documents that share a word or a concept."""
        conditions = BooleanScorer(self._view, self._conditions)
        self._matched: Array = conditions.match(allowed) & (self._worth > 0)
        add_all(self._worth, [bonus._replace(scores=bonus.scores * BONUS_SHARE) for bonus in self._bonus])
        return self._matched

    def well_matched(self, matched: Array, total: int) -> Array:
        """The mask of the documents that match well."""
        best = float((self._worth * matched).max()) if total else 0.0
        well_matched: Array = matched & (self._worth > max(_RELEVANT_SHARE * self._whole, _NEAR_BEST * best))
        return well_matched

    def tiers(self, well_matched: Array) -> Array:
        """The tier of each matching document: 2 if it matches well, otherwise 1."""
        tiers: Array = self._matched.view(np.uint8) + well_matched.view(np.uint8)
        return tiers

    def scores(self) -> Array:
        """The evidence that each document shares with the sentence."""
        return self._worth.copy()

    def relevance(self, docs: Array, boost: Array | None = None, *, all_match: bool = False) -> Array:  # noqa: ARG002
        """The boosted evidence that some documents share with the sentence."""
        worth = self._worth[docs]
        return worth if boost is None else worth * boost[docs]
