"""Score a boolean query: the documents that match, their number of clauses, and their scores."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

import numpy as np

from kb.search.query import SourceCondition, TermCondition
from kb.search.whoosh_engine.querying.clauses import Clauses, Leaf
from kb.search.whoosh_engine.querying.matches import Matches, matches_of_docs
from kb.search.whoosh_engine.querying.matching import match_leaf

if TYPE_CHECKING:
    from kb.search.query import Condition
    from kb.search.whoosh_engine.format.arrays import Array
    from kb.search.whoosh_engine.querying.clauses import Clause
    from kb.search.whoosh_engine.querying.view import View

_RELEVANT_SHARE = 0.5
"""A document matches well if the words it matches have more than this share of the weight of all words."""

_PASTED_WORDS, _NEAR_BEST = 10, 0.75
"""A longer query was probably pasted: then this share of the best document's weight is a good match."""

_ROUNDING = 1e-9


class BooleanScorer:
    """Scores a group of clauses. `coord` is the number of clauses that each document matches."""

    def __init__(self, view: View, clauses: Clauses) -> None:
        self._view = view
        self.coord = np.zeros(view.snapshot.size, np.uint8)
        self.scored: list[Matches] = []
        self._masks = [self._add(clause).mask for clause in clauses.must]
        for clause in clauses.should:
            self._add(clause)
        if clauses.should and not clauses.must:
            self._masks.append(self.coord > 0)
        self._words = list(self.scored)
        self._bonus = [match_leaf(view, leaf) for leaf in clauses.bonus]
        self._masks += [self._add(clause).mask for clause in clauses.conditions]
        self._masks += [~self._match(clause).mask for clause in clauses.must_not]

    def match(self, allowed: Array) -> Array:
        """Return the mask of the allowed documents that match, and set `coord` to 0 for all others."""
        for mask in self._masks:
            allowed = allowed & mask
        self.coord *= allowed
        return allowed

    def _add(self, clause: Clause) -> Matches:
        matches = self._match(clause)
        matches.count_in(self.coord)
        self.scored.append(matches)
        return matches

    def _match(self, clause: Clause) -> Matches:
        size = self._view.snapshot.size
        if isinstance(clause, Leaf):
            return match_leaf(self._view, clause)
        if isinstance(clause, Clauses):
            inner = BooleanScorer(self._view, clause)
            docs = np.flatnonzero(inner.match(self._view.visible_docs))
            return matches_of_docs(size, docs, inner.relevance(docs))
        docs = _condition(self._view, clause)
        return matches_of_docs(size, docs, np.zeros(len(docs)))

    def well_matched(self, matched: Array, total: int) -> Array:
        """The mask of the documents that match well."""
        well_matched: Array
        found = [matches for matches in self._words if matches.total]
        if len(self._words) < 2:
            return matched
        if len(self._words) == len(found) == 2:
            one, other = sorted(found, key=lambda matches: matches.total)
            neither = one.total == other.total  # has more than half on its own
            well_matched = self.coord == len(self.scored) if neither else matched & one.mask
            return well_matched
        weights = [log(1 + self._view.doc_count / matches.total) for matches in found]
        # A word without matches weighs as much as the others on average.
        needed = sum(weights) / max(len(found), 1) * len(self._words) * _RELEVANT_SHARE
        weight = np.zeros(len(matched))
        for matches, share in zip(found, weights, strict=True):
            if matches.dense is not None:
                weight += matches.dense * share
            else:
                weight[matches.docs] += share
        weight *= matched
        if len(self._words) > _PASTED_WORDS and total:
            needed = min(needed, _NEAR_BEST * float(weight.max()))
        well_matched = weight > needed + _ROUNDING
        return well_matched

    def tiers(self, well_matched: Array) -> Array:
        """The tier of each document: the number of clauses it matches, plus an offset if it matches well."""
        above = len(self.scored) + 1
        kind = np.uint8 if 2 * above <= np.iinfo(np.uint8).max else np.uint16
        tiers: Array = np.multiply(well_matched.view(np.uint8), kind(above), dtype=kind) + self.coord
        return tiers

    def scores(self) -> Array:
        """The sum of the scores of all clauses, over all documents."""
        total = np.zeros(self._view.snapshot.size)
        for matches in (*self.scored, *self._bonus):
            matches.add_to(total)
        return total

    def relevance(self, docs: Array, boost: Array | None = None, *, all_match: bool = False) -> Array:
        """The boosted sum of the scores of all clauses, for some documents.

        `all_match` promises that each of them matches every clause, which is faster.
        """
        total = np.zeros(len(docs))
        for matches in self.scored:
            total += matches.scores_of(docs, all_match=all_match)
        for matches in self._bonus:
            total += matches.scores_of(docs)
        if boost is not None:
            total *= boost[docs]
        return total


def _condition(view: View, clause: Condition) -> Array:
    snapshot = view.snapshot
    if isinstance(clause, SourceCondition):
        return np.flatnonzero(snapshot.mask_of("source", [clause.key]))
    if isinstance(clause, TermCondition):
        return np.flatnonzero(snapshot.mask_of(f"term_{clause.namespace}", [clause.key, *clause.former]))
    mask = np.ones(snapshot.size, bool)
    if clause.before is not None:
        mask &= snapshot.dated & (snapshot.first_day < clause.before.toordinal())
    if clause.after is not None:
        mask &= snapshot.dated & (snapshot.last_day > clause.after.toordinal())
    return np.flatnonzero(mask)
