"""Which documents match, and which of them come first: whole arrays at a time, exact to the last document."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kb.domain.boosts import RECENCY, SEVERITY
from kb.search.query import DateCondition, TermCondition
from kb.search.whoosh_engine.format.arrays import nbytes
from kb.search.whoosh_engine.format.layout import FIELDS
from kb.search.whoosh_engine.querying.matches import Matches, make_dense, make_matches
from kb.search.whoosh_engine.querying.plan import Clauses, Leaf

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from kb.search.whoosh_engine.format.arrays import Array
    from kb.search.whoosh_engine.querying.plan import Clause, Run
    from kb.search.whoosh_engine.querying.snapshot import Snapshot
    from kb.search.whoosh_engine.querying.view import View

SEVERITY_BOOST = 0.04
"""What each step of severity above 3 adds to the relevance of an incident, and each below takes away."""

RECENCY_BOOST = 0.1
"""What an incident of today gains in relevance; half as much each RECENCY_HALF_LIFE days before."""

RECENCY_HALF_LIFE = 5 * 365.25

HALF = 10.0
"""The relevance that is shown as a half: it is squeezed into 0 to 1, behind the number of words matched."""

_DIGITS = 9
"""To which scores are rounded: the order of a sum must not decide the order of the results."""


_COMMON = 8
"""What every eighth document matches is looked at over all documents at once."""

_RARE = 64
"""A word with fewer postings than one for so many documents is scored without going over all of them."""

_BLOCK = 64
"""How many documents at most share a bound."""


class Ranked(NamedTuple):
    """All that matches, and the first of it: `docs` in order, with their scores."""

    total: int
    matched: Array
    docs: Array
    scores: Array


def match_leaf(view: View, leaf: Leaf) -> Matches:
    """The documents that a word or phrase is in, and what it adds to the score of each."""
    key = (view.audiences, leaf)
    return view.snapshot.matches.get_or_create(key, lambda: _matches(view, leaf), nbytes)


def _matches(view: View, leaf: Leaf) -> Matches:
    size = view.snapshot.size
    if not leaf.runs and sum(view.snapshot.frequency(term) for term, _ in leaf.terms) * _RARE > size:
        scores = np.zeros(size)
        for term, weight in leaf.terms:
            view.add_scores(scores, term, leaf.field, weight)
        return make_dense(scores)
    return _sum(view, list(_scored(view, leaf)))


def _scored(view: View, leaf: Leaf) -> Iterator[tuple[Array, Array]]:
    for term, weight in leaf.terms:
        found = view.contributions(term, leaf.field)
        yield found.doc, found.score * weight
    for run in leaf.runs:
        for field in range(FIELDS) if leaf.field is None else [leaf.field]:
            yield from _run_in_field(view, run, field)


def _run_in_field(view: View, run: Run, field: int) -> Iterator[tuple[Array, Array]]:
    """A phrase scores what its words score in the field, in the documents where they follow each other."""
    ends: Array | None = None
    for place in run.places:
        here = np.sort(np.concatenate([view.places(term, field) for term, _ in place]))
        ends = here if ends is None else np.intersect1d(ends + 1, here, assume_unique=True)
        if not len(ends):
            return
    if ends is None:
        return
    docs = np.unique(ends >> 32)
    for term, weight in (pair for place in run.places for pair in place):
        found = view.contributions(term, field)
        inside = np.isin(found.doc, docs, assume_unique=True)
        yield found.doc[inside], found.score[inside] * weight * run.weight


def _sum(view: View, parts: Sequence[tuple[Array, Array]]) -> Matches:
    """Scores added up by document."""
    size = view.snapshot.size
    if not parts:
        return make_matches(size, np.zeros(0, np.int32), np.zeros(0))
    doc = np.concatenate([part[0] for part in parts])
    score = np.concatenate([part[1] for part in parts])
    if len(doc) * _RARE < size:
        docs, place = np.unique(doc, return_inverse=True)
        return make_matches(size, docs.astype(np.int32), np.bincount(place, score, minlength=len(docs)))
    there = np.zeros(size, bool)
    there[doc] = True
    docs = np.flatnonzero(there).astype(np.int32)
    return make_matches(size, docs, np.bincount(doc, score, minlength=size)[docs])


def rank(
    view: View, clauses: Clauses, allowed: Array, boost: Array | None, *, offset: int, limit: int
) -> Ranked:
    """The documents that match and are allowed: by words matched, then by relevance, the latest, and id.

    `allowed` lets nothing through that the view does not.
    """
    evaluated = _Evaluated(view, clauses)
    matched = evaluated.match(allowed)
    total = int(np.count_nonzero(matched))
    wanted = min(offset + limit, total)
    if not limit or offset >= total:
        return Ranked(total, matched, np.zeros(0, np.int64), np.zeros(0))
    if not evaluated.parts:
        order = view.snapshot.latest_first
        return Ranked(total, matched, order[matched[order]][offset:wanted], np.zeros(wanted - offset))
    docs, relevance = _candidates(evaluated, boost, wanted)
    scores = np.round(evaluated.cover[docs] + relevance / (relevance + HALF), _DIGITS)
    days = view.snapshot.first_day[docs].astype(np.int64)
    order = np.lexsort((view.snapshot.ids[docs], -days, -scores))[offset:wanted]
    return Ranked(total, matched, docs[order], scores[order])


def _candidates(evaluated: _Evaluated, boost: Array | None, wanted: int) -> tuple[Array, Array]:
    """The documents that may be among the first, with their relevance.

    Those are all that match more words than others do, and of these the best.
    """
    cover = evaluated.cover
    least, found = len(evaluated.parts), 0
    level = cover == least
    here = int(np.count_nonzero(level))
    while found + here < wanted and least > 1:
        least, found = least - 1, found + here
        level = cover == least
        here = int(np.count_nonzero(level))
    if here * _COMMON > len(level):
        docs, relevance = _best_of_many(evaluated, level, boost, wanted - found)
    else:
        docs = np.flatnonzero(level)
        relevance = evaluated.relevance(docs, boost, all_match=not found and least == len(evaluated.parts))
        if here > 2 * wanted:
            best = relevance >= _bound(relevance, wanted - found)
            docs, relevance = docs[best], relevance[best]
    if found:
        better = np.flatnonzero(cover > least)
        docs = np.concatenate([better, docs])
        relevance = np.concatenate([evaluated.relevance(better, boost), relevance])
    return docs, relevance


def _best_of_many(
    evaluated: _Evaluated, level: Array, boost: Array | None, wanted: int
) -> tuple[Array, Array]:
    """The best of a level, without sorting: so many blocks as are wanted have one as good as their bound."""
    relevance = evaluated.scores()
    if boost is not None:
        relevance *= boost
    relevance *= level
    block = max(1, min(_BLOCK, len(relevance) // (wanted * 8)))
    whole = len(relevance) // block * block
    maxima = relevance[:whole].reshape(-1, block).max(axis=1)
    if whole < len(relevance):
        maxima = np.append(maxima, relevance[whole:].max())
    bound = _bound(maxima, wanted)
    docs = np.flatnonzero(relevance >= bound) if bound > 0 else np.flatnonzero(level)
    return docs, relevance[docs]


def _bound(keys: Array, wanted: int) -> float:
    """A little less than the last of the best: what is squeezed to the same digits is ordered otherwise."""
    last = float(np.partition(keys, len(keys) - wanted)[len(keys) - wanted])
    return last - 2 * 10.0**-_DIGITS * (last + HALF) ** 2 / HALF


class _Evaluated:
    """A group of clauses over all documents: which match, by how many clauses, and how well."""

    def __init__(self, view: View, clauses: Clauses) -> None:
        self._view = view
        self.cover = np.zeros(view.snapshot.size, np.uint8)
        self.parts: list[Matches] = []
        self._masks = [self._take(clause).mask for clause in clauses.must]
        for clause in clauses.should:
            self._take(clause)
        if clauses.should and not clauses.must:
            self._masks.append(self.cover > 0)
        self._masks += [self._take(clause).mask for clause in clauses.conditions]
        self._masks += [~self._match(clause).mask for clause in clauses.must_not]

    def match(self, allowed: Array) -> Array:
        """Which of the documents that are allowed match; `cover` counts no others from now on."""
        for mask in self._masks:
            allowed = allowed & mask
        self.cover *= allowed
        return allowed

    def _take(self, clause: Clause) -> Matches:
        found = self._match(clause)
        found.count_in(self.cover)
        self.parts.append(found)
        return found

    def _match(self, clause: Clause) -> Matches:
        size = self._view.snapshot.size
        if isinstance(clause, Leaf):
            return match_leaf(self._view, clause)
        if isinstance(clause, Clauses):
            inner = _Evaluated(self._view, clause)
            docs = np.flatnonzero(inner.match(self._view.mask))
            return make_matches(size, docs, inner.relevance(docs))
        docs = _condition(self._view, clause)
        return make_matches(size, docs, np.zeros(len(docs)))

    def scores(self) -> Array:
        """The sum of what all clauses add to the scores, over all documents."""
        total = np.zeros(self._view.snapshot.size)
        for found in self.parts:
            found.add_to(total)
        return total

    def relevance(self, docs: Array, boost: Array | None = None, *, all_match: bool = False) -> Array:
        """The sum of what all clauses add to the scores of some documents, boosted.

        Where each document matches each clause, as may be said, it takes less time.
        """
        total = np.zeros(len(docs))
        for found in self.parts:
            total += found.scores_of(docs, all_match=all_match)
        if boost is not None:
            total *= boost[docs]
        return total


def _condition(view: View, clause: TermCondition | DateCondition) -> Array:
    snapshot = view.snapshot
    if isinstance(clause, TermCondition):
        return np.flatnonzero(snapshot.any_of(f"term_{clause.namespace}", [clause.key]))
    mask = np.ones(snapshot.size, bool)
    if clause.before is not None:
        mask &= snapshot.dated & (snapshot.first_day < clause.before.toordinal())
    if clause.after is not None:
        mask &= snapshot.dated & (snapshot.last_day > clause.after.toordinal())
    return np.flatnonzero(mask)


def boost_factors(view: View, boosts: frozenset[str], today: date | None) -> dict[str, Array]:
    """By boost, the factor that it multiplies the relevance of each document with."""
    makers = {SEVERITY: _severity_factor, RECENCY: _recency_factor}
    applied = [name for name in sorted(boosts) if name == SEVERITY or today is not None]
    masks = view.snapshot.masks
    return {
        name: masks.get_or_create((name, today), partial(makers[name], view.snapshot, today), nbytes)
        for name in applied
    }


def _severity_factor(snapshot: Snapshot, _today: date | None) -> Array:
    judged = np.where(snapshot.severity > 0, snapshot.severity, 3)
    factor: Array = 1 + SEVERITY_BOOST * (judged - 3)
    return factor


def _recency_factor(snapshot: Snapshot, today: date | None) -> Array:
    assert today is not None
    age = np.maximum(0, today.toordinal() - snapshot.last_day)
    factor: Array = 1 + RECENCY_BOOST * 0.5 ** (age / RECENCY_HALF_LIFE)
    factor[~snapshot.dated] = 1.0
    return factor
