"""Matching and ranking: score all matches exactly, whole arrays at a time, and select the top k."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kb.domain.sorting import LATEST_FIRST
from kb.search.whoosh_engine.querying.scoring import BooleanScorer
from kb.search.whoosh_engine.querying.sentence_scoring import SentenceScorer
from kb.search.whoosh_engine.querying.sorting import sort_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.domain.sorting import ListOrder
    from kb.search.whoosh_engine.format.arrays import Array
    from kb.search.whoosh_engine.querying.clauses import Clauses
    from kb.search.whoosh_engine.querying.view import View

_Scorer = BooleanScorer | SentenceScorer

SATURATION_PIVOT = 10.0
"""The relevance that saturates to one half. A score is the number of words matched plus relevance /
(relevance + pivot)."""

_DIGITS = 9
"""Decimals that scores are rounded to, so that the order of summation does not affect the ranking."""

_DENSE_TIER_RATIO = 8
"""A tier with more than one document in this many is scored over all documents at once."""

_MAX_BLOCK = 64
"""The maximum number of documents in a block, for which only the maximum score is compared."""


class TopDocs(NamedTuple):
    """A ranking: the total, the number that match well, the mask of all matches, and the page.

    `scores` and `well_matched` are parallel to `docs`, the documents of the page. A document matches well if
    the words that it matches have more than half of the weight of all words, where rare words weigh more.
    """

    total: int
    relevant: int
    matched: Array
    docs: Array
    scores: Array
    well_matched: Array


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

    Documents that match well come first. The default order is by the number of words matched, then relevance,
    then date (latest first), then id; for a sentence, by the evidence of shared words and concepts, then
    date, then id. `sort` overrides it, with ties by date, then id; titles are those that readers of
    `languages` see.
    """
    scorer = SentenceScorer(view, clauses) if clauses.is_sentence else BooleanScorer(view, clauses)
    matched = scorer.match(allowed)
    total = int(np.count_nonzero(matched))
    well_matched = scorer.well_matched(matched, total)
    relevant = int(np.count_nonzero(well_matched))
    k = min(offset + limit, total)
    snapshot = view.snapshot

    def page(docs: Array, scores: Array) -> TopDocs:
        return TopDocs(total, relevant, matched, docs, scores, well_matched[docs])

    if not limit or offset >= total:
        return page(np.zeros(0, np.int64), np.zeros(0))
    if not scorer.scored and sort in (None, LATEST_FIRST):
        order = snapshot.latest_first
        return page(order[matched[order]][offset:k], np.zeros(k - offset))
    if sort is None:
        docs, relevance = _candidates(scorer, scorer.tiers(well_matched), boost, k)
    else:
        docs = np.flatnonzero(matched)
        relevance = scorer.relevance(docs, boost)
    scores = np.round(scorer.coord[docs] + relevance / (relevance + SATURATION_PIVOT), _DIGITS)
    days = snapshot.first_day[docs].astype(np.int64)
    values = -scores if sort is None else sort_values(snapshot, sort, languages)[docs]
    order = np.lexsort([snapshot.ids[docs], -days, values, ~well_matched[docs]])[offset:k]
    return page(docs[order], scores[order])


def _candidates(scorer: _Scorer, tiers: Array, boost: Array | None, k: int) -> tuple[Array, Array]:
    """A superset of the top k, with the relevance of each.

    Documents are taken by tier, from the top; in the last tier needed, only those above a threshold.
    """
    counts = np.bincount(tiers)
    top = len(counts) - 1
    from_tier = counts[::-1].cumsum()[::-1]  # documents in a tier or above it
    least = max(1, int(np.count_nonzero(from_tier >= k)) - 1)
    count = int(counts[least])
    above = int(from_tier[least]) - count
    tier = tiers == least
    if count * _DENSE_TIER_RATIO > len(tier):
        docs, relevance = _candidates_of_dense_tier(scorer, tier, boost, k - above)
    else:
        docs = np.flatnonzero(tier)
        all_match = least == top and bool(scorer.coord[docs[0]] == len(scorer.scored))
        relevance = scorer.relevance(docs, boost, all_match=all_match)
        if count > 2 * k:
            best = relevance >= _threshold(relevance, k - above)
            docs, relevance = docs[best], relevance[best]
    if above:
        better = np.flatnonzero(tiers > least)
        docs = np.concatenate([better, docs])
        relevance = np.concatenate([scorer.relevance(better, boost), relevance])
    return docs, relevance


def _candidates_of_dense_tier(
    scorer: _Scorer, tier: Array, boost: Array | None, k: int
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
    """The k-th highest value, minus a margin within which values may round to the same score."""
    last = float(np.partition(values, len(values) - k)[len(values) - k])
    return last - 2 * 10.0**-_DIGITS * (last + SATURATION_PIVOT) ** 2 / SATURATION_PIVOT
