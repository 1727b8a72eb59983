"""Matching and ranking: all matches are scored exactly, whole arrays at a time, and the top k selected."""

from __future__ import annotations

from functools import partial
from math import log
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kb.domain.boosts import RECENCY, SEVERITY
from kb.domain.sorting import LATEST_FIRST
from kb.search.query import SourceCondition, TermCondition
from kb.search.whoosh_engine.format.arrays import nbytes
from kb.search.whoosh_engine.querying.clauses import Clauses, Leaf
from kb.search.whoosh_engine.querying.matches import Matches, matches_of_docs
from kb.search.whoosh_engine.querying.matching import match_leaf
from kb.search.whoosh_engine.querying.sorting import sort_values

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from kb.domain.sorting import ListOrder
    from kb.search.query import Condition
    from kb.search.whoosh_engine.format.arrays import Array
    from kb.search.whoosh_engine.querying.clauses import Clause
    from kb.search.whoosh_engine.querying.snapshot import Snapshot
    from kb.search.whoosh_engine.querying.view import View

SEVERITY_BOOST = 0.04
"""The change of the relevance factor for each step of severity above or below 3."""

RECENCY_BOOST = 0.1
"""The gain in relevance of an incident of today. It halves every RECENCY_HALF_LIFE days."""

RECENCY_HALF_LIFE = 5 * 365.25

SATURATION_PIVOT = 10.0
"""The relevance that saturates to one half: relevance / (relevance + pivot) is the fraction of a score, whose
whole part is the number of words matched."""

_DIGITS = 9
"""Decimals that scores are rounded to: the order of a summation must not decide the order of the results."""

_RELEVANT_SHARE = 0.5
"""What matches well matches words of more than this share of the weight of all."""

_PASTED_WORDS, _NEAR_BEST = 10, 0.75
"""A longer text was pasted: what matches well has more than this share of the weight that the best has."""

_ROUNDING = 1e-9

_DENSE_TIER_RATIO = 8
"""A tier of more than one document in so many is scored over all documents at once."""

_MAX_BLOCK = 64
"""The maximum number of documents in a block, of which only the maximum score is compared."""


class TopDocs(NamedTuple):
    """A ranking: the total, how many of them match well, the mask of all, the page and its scores.

    A document matches well if the words that it matches have more than half of the weight of all words; rare
    words weigh more.
    """

    total: int
    relevant: int
    matched: Array
    docs: Array
    scores: Array


def rank(
    view: View,
    clauses: Clauses,
    allowed: Array,
    boost: Array | None,
    *,
    offset: int,
    limit: int,
    sort: ListOrder | None = None,
    languages: Sequence[str] = (),
) -> TopDocs:
    """The page of documents that match and are `allowed`, which must be a subset of the view.

    By relevance: ordered by the number of words matched, then relevance, then date (latest first), then id.
    With `sort`, what matches well comes first, then its order decides, then date, then id; titles are those
    that readers of `languages` see.
    """
    scorer = _BooleanScorer(view, clauses)
    matched = scorer.match(allowed)
    total = int(np.count_nonzero(matched))
    well_matched = scorer.well_matched(matched, total)
    relevant = int(np.count_nonzero(well_matched))
    k = min(offset + limit, total)
    if not limit or offset >= total:
        return TopDocs(total, relevant, matched, np.zeros(0, np.int64), np.zeros(0))
    if not scorer.scored and sort in (None, LATEST_FIRST):
        order = view.snapshot.latest_first
        return TopDocs(total, relevant, matched, order[matched[order]][offset:k], np.zeros(k - offset))
    snapshot = view.snapshot
    if sort is None:
        docs, relevance = _candidates(scorer, boost, k)
    else:
        docs = np.flatnonzero(matched)
        relevance = scorer.relevance(docs, boost)
    scores = np.round(scorer.coord[docs] + relevance / (relevance + SATURATION_PIVOT), _DIGITS)
    days = snapshot.first_day[docs].astype(np.int64)
    keys = [snapshot.ids[docs], -days]
    if sort is None:
        keys.append(-scores)
    else:
        keys += [sort_values(snapshot, sort, languages)[docs], ~well_matched[docs]]
    order = np.lexsort(keys)[offset:k]
    return TopDocs(total, relevant, matched, docs[order], scores[order])


def _candidates(scorer: _BooleanScorer, boost: Array | None, k: int) -> tuple[Array, Array]:
    """A superset of the top k, with the relevance of each.

    Documents are taken by tier (those that match the same number of words), from the top; of the last tier
    that is needed, only those above a threshold.
    """
    coord = scorer.coord
    least, above = len(scorer.scored), 0
    tier = coord == least
    count = int(np.count_nonzero(tier))
    while above + count < k and least > 1:
        least, above = least - 1, above + count
        tier = coord == least
        count = int(np.count_nonzero(tier))
    if count * _DENSE_TIER_RATIO > len(tier):
        docs, relevance = _candidates_of_dense_tier(scorer, tier, boost, k - above)
    else:
        docs = np.flatnonzero(tier)
        relevance = scorer.relevance(docs, boost, all_match=not above and least == len(scorer.scored))
        if count > 2 * k:
            best = relevance >= _threshold(relevance, k - above)
            docs, relevance = docs[best], relevance[best]
    if above:
        better = np.flatnonzero(coord > least)
        docs = np.concatenate([better, docs])
        relevance = np.concatenate([scorer.relevance(better, boost), relevance])
    return docs, relevance


def _candidates_of_dense_tier(
    scorer: _BooleanScorer, tier: Array, boost: Array | None, k: int
) -> tuple[Array, Array]:
    """A superset of the top k of a tier: at least k blocks have a maximum that reaches the threshold."""
    relevance = scorer.scores()
    if boost is not None:
        relevance *= boost
    relevance *= tier
    block = max(1, min(_MAX_BLOCK, len(relevance) // (k * 8)))
    whole = len(relevance) // block * block
    maxima = relevance[:whole].reshape(-1, block).max(axis=1)
    if whole < len(relevance):
        maxima = np.append(maxima, relevance[whole:].max())
    threshold = _threshold(maxima, k)
    docs = np.flatnonzero(relevance >= threshold) if threshold > 0 else np.flatnonzero(tier)
    return docs, relevance[docs]


def _threshold(values: Array, k: int) -> float:
    """The k-th highest value, less a margin within which values may round to the same score."""
    last = float(np.partition(values, len(values) - k)[len(values) - k])
    return last - 2 * 10.0**-_DIGITS * (last + SATURATION_PIVOT) ** 2 / SATURATION_PIVOT


class _BooleanScorer:
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
        """The mask of the allowed documents that match; `coord` is 0 for all others from now on."""
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
            inner = _BooleanScorer(self._view, clause)
            docs = np.flatnonzero(inner.match(self._view.visible_docs))
            return matches_of_docs(size, docs, inner.relevance(docs))
        docs = _condition(self._view, clause)
        return matches_of_docs(size, docs, np.zeros(len(docs)))

    def well_matched(self, matched: Array, total: int) -> Array:
        """The mask of those of the matching documents that match well."""
        well_matched: Array
        found = [matches for matches in self._words if matches.total]
        if len(self._words) < 2:
            return matched
        if len(self._words) == len(found) == 2:
            one, other = sorted(found, key=lambda matches: matches.total)
            neither = one.total == other.total  # alone has more than half
            well_matched = self.coord == len(self.scored) if neither else matched & one.mask
            return well_matched
        weights = [log(1 + self._view.doc_count / matches.total) for matches in found]
        # A word that nothing has weighs as much as the others do on average.
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

    def scores(self) -> Array:
        """The sum of the scores of all clauses, over all documents."""
        total = np.zeros(self._view.snapshot.size)
        for matches in (*self.scored, *self._bonus):
            matches.add_to(total)
        return total

    def relevance(self, docs: Array, boost: Array | None = None, *, all_match: bool = False) -> Array:
        """The boosted sum of the scores of all clauses, for some documents.

        `all_match` promises that each of them matches each clause, which takes less time.
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


def boost_factors(view: View, boosts: frozenset[str], today: date | None) -> dict[str, Array]:
    """By boost, the factor for the relevance of each document."""
    makers = {SEVERITY: _severity_factor, RECENCY: _recency_factor}
    applied = [name for name in sorted(boosts) if name == SEVERITY or today is not None]
    masks = view.snapshot.masks
    return {
        name: masks.get_or_create((name, today), partial(makers[name], view.snapshot, today), nbytes)
        for name in applied
    }


def _severity_factor(snapshot: Snapshot, _today: date | None) -> Array:
    severity = np.where(snapshot.severity > 0, snapshot.severity, 3)
    factor: Array = 1 + SEVERITY_BOOST * (severity - 3)
    return factor


def _recency_factor(snapshot: Snapshot, today: date | None) -> Array:
    assert today is not None
    age = np.maximum(0, today.toordinal() - snapshot.last_day)
    factor: Array = 1 + RECENCY_BOOST * 0.5 ** (age / RECENCY_HALF_LIFE)
    factor[~snapshot.dated] = 1.0
    return factor
