"""Scoring a sentence: by what the words and concepts that an incident shares with it are worth.

How many of the words it has decides nothing: most words of a sentence are in most incidents.
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
"""What a concept counts for beside a word of the same rarity: of a sentence, unlike of a draft, the words are
chosen to find something."""

BONUS_SHARE = 0.5
"""What the nearest spelling of a word that nothing has counts for."""

_RELEVANT_SHARE, _NEAR_BEST = 0.35, 0.45
"""What matches well is worth more than the first share of all words and concepts, and than the second share
of what the best match is worth."""


def concept_leaves(concepts: Mapping[str, float]) -> tuple[Leaf, ...]:
    """The leaves of concepts, by key, that a sentence touches, each with how much it says of the sentence."""
    return tuple(
        Leaf(key, None, ((keyword_term("concept", key), weight * CONCEPT_SHARE),))
        for key, weight in concepts.items()
    )


def evidence_of_concept(view: View, leaf: Leaf) -> Matches:
    """The documents that have the concept of a leaf, with what that is worth."""
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
        """What all words and concepts are worth at most; a word that nothing has, as much as the average."""
        found = [matches.total for matches in self.scored if matches.total]
        worth = sum(rarity(self._view, total) for total in found) / max(len(found), 1) * len(words)
        return worth + sum(
            weight * rarity(self._view, matches.total)
            for leaf, matches in zip(concepts, self._concepts, strict=True)
            for _, weight in leaf.terms
        )

    def match(self, allowed: Array) -> Array:
        """The mask of the allowed documents that share a word or a concept."""
        conditions = BooleanScorer(self._view, self._conditions)
        self._matched: Array = conditions.match(allowed) & (self._worth > 0)
        add_all(self._worth, [bonus._replace(scores=bonus.scores * BONUS_SHARE) for bonus in self._bonus])
        return self._matched

    def well_matched(self, matched: Array, total: int) -> Array:
        """The mask of those of the matching documents that match well."""
        best = float((self._worth * matched).max()) if total else 0.0
        well_matched: Array = matched & (self._worth > max(_RELEVANT_SHARE * self._whole, _NEAR_BEST * best))
        return well_matched

    def tiers(self, well_matched: Array) -> Array:
        """The tier of each document that matches: 1, and 2 if it matches well."""
        tiers: Array = self._matched.view(np.uint8) + well_matched.view(np.uint8)
        return tiers

    def scores(self) -> Array:
        """The worth of what each document shares with the sentence."""
        return self._worth.copy()

    def relevance(self, docs: Array, boost: Array | None = None, *, all_match: bool = False) -> Array:  # noqa: ARG002
        """The boosted worth of what some documents share with the sentence."""
        worth = self._worth[docs]
        return worth if boost is None else worth * boost[docs]
