"""Which documents match, and which of them come first: whole arrays at a time, exact to the last document."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kb.domain.boosts import RECENCY, SEVERITY
from kb.search.query import HasTerm, Occurred
from kb.search.whoosh_engine.layout import FIELDS
from kb.search.whoosh_engine.plan import Clauses, Leaf
from kb.search.whoosh_engine.snapshot import Matches, make_matches, nbytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from kb.search.whoosh_engine.arrays import Array
    from kb.search.whoosh_engine.plan import Clause, Run
    from kb.search.whoosh_engine.snapshot import Snapshot, View

SEVERITY_BOOST = 0.04
"""What each step of severity above 3 adds to the relevance of an incident, and each below takes away."""

RECENCY_BOOST = 0.1
"""What an incident of today gains in relevance; half as much each RECENCY_HALF_LIFE days before."""

RECENCY_HALF_LIFE = 5 * 365.25

HALF = 10.0
"""The relevance that is shown as a half: it is squeezed into 0 to 1, behind the number of words matched."""

_DIGITS = 9
"""To which scores are rounded: the order of a sum must not decide the order of the results."""


class Ranked(NamedTuple):
    """All that matches, and the first of it: `docs` in order, with their scores."""

    total: int
    matched: Array
    docs: Array
    scores: Array


def match_leaf(view: View, leaf: Leaf) -> Matches:
    """The documents that a word or phrase is in, and what it adds to the score of each."""
    key = (view.audiences, leaf)
    return view.snapshot.matches.get(key, lambda: _sum(view, list(_scored(view, leaf))), nbytes)


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
    if len(doc) * 8 < size:
        docs, place = np.unique(doc, return_inverse=True)
        return make_matches(size, docs.astype(np.int32), np.bincount(place, score, minlength=len(docs)))
    there = np.zeros(size, bool)
    there[doc] = True
    docs = np.flatnonzero(there).astype(np.int32)
    return make_matches(size, docs, np.bincount(doc, score, minlength=size)[docs])


def rank(
    view: View, clauses: Clauses, allowed: Array, boost: Array | None, *, offset: int, limit: int
) -> Ranked:
    """The documents that match and are allowed: by words matched, then by relevance, the latest, and id."""
    evaluated = _Evaluated(view, clauses)
    matched = evaluated.matched & allowed
    cover = evaluated.cover * matched
    total = int(np.count_nonzero(matched))
    wanted = min(offset + limit, total)
    if not limit or offset >= total:
        return Ranked(total, matched, np.zeros(0, np.int64), np.zeros(0))
    candidates = _best_covered(cover, matched, total, wanted)
    relevance = evaluated.relevance(candidates)
    if boost is not None:
        relevance = relevance * boost[candidates]
    scores = np.round(cover[candidates] + relevance / (relevance + HALF), _DIGITS)
    if len(candidates) > wanted:
        least = np.partition(scores, len(scores) - wanted)[len(scores) - wanted]
        chosen = scores >= least
        candidates, scores = candidates[chosen], scores[chosen]
    order = np.lexsort(
        (view.snapshot.ids[candidates], -view.snapshot.first_day[candidates].astype(np.int64), -scores)
    )[offset : offset + limit]
    return Ranked(total, matched, candidates[order], scores[order])


def _best_covered(cover: Array, matched: Array, total: int, wanted: int) -> Array:
    """At least `wanted` of the documents that match, with all that match more words than the others."""
    counts = np.bincount(cover)
    least, found = len(counts) - 1, int(counts[-1])
    while found < wanted and least > 1:
        least -= 1
        found += int(counts[least])
    if least < 1 or found < wanted or found == total:
        return np.flatnonzero(matched)
    return np.flatnonzero(cover >= least)


class _Evaluated:
    """A group of clauses over all documents: which match, by how many clauses, and how well."""

    def __init__(self, view: View, clauses: Clauses) -> None:
        self._view = view
        size = view.snapshot.size
        self.cover = np.zeros(size, np.uint8)
        self._parts: list[Matches] = []
        self.matched = view.mask
        for clause in clauses.must:
            self.matched = self.matched & self._take(clause)
        for clause in clauses.should:
            self._take(clause)
        if clauses.should and not clauses.must:
            self.matched = self.matched & (self.cover > 0)
        for clause in clauses.conditions:
            self.matched = self.matched & self._take(clause)
        for clause in clauses.must_not:
            self.matched = self.matched & ~self._match(clause).mask

    def _take(self, clause: Clause) -> Array:
        found = self._match(clause)
        self.cover += found.mask
        self._parts.append(found)
        return found.mask

    def _match(self, clause: Clause) -> Matches:
        size = self._view.snapshot.size
        if isinstance(clause, Leaf):
            return match_leaf(self._view, clause)
        if isinstance(clause, Clauses):
            inner = _Evaluated(self._view, clause)
            docs = np.flatnonzero(inner.matched)
            return make_matches(size, docs, inner.relevance(docs))
        docs = _condition(self._view, clause)
        return make_matches(size, docs, np.zeros(len(docs)))

    def relevance(self, docs: Array) -> Array:
        """The sum of what all clauses add to the scores of some documents."""
        total = np.zeros(len(docs))
        for found in self._parts:
            total += found.scores_of(docs)
        return total


def _condition(view: View, clause: HasTerm | Occurred) -> Array:
    snapshot = view.snapshot
    if isinstance(clause, HasTerm):
        return np.flatnonzero(snapshot.any_of(f"term_{clause.namespace}", [clause.key]))
    mask = np.ones(snapshot.size, bool)
    if clause.before is not None:
        mask &= snapshot.first_day < clause.before.toordinal()
    if clause.after is not None:
        mask &= snapshot.last_day > clause.after.toordinal()
    return np.flatnonzero(mask)


def boost_factors(view: View, boosts: frozenset[str], today: date | None) -> dict[str, Array]:
    """By boost, the factor that it multiplies the relevance of each document with."""
    makers = {SEVERITY: _severity_factor, RECENCY: _recency_factor}
    wanted = [name for name in sorted(boosts) if name == SEVERITY or today is not None]
    masks = view.snapshot.masks
    return {
        name: masks.get((name, today), partial(makers[name], view.snapshot, today), lambda mask: mask.nbytes)
        for name in wanted
    }


def _severity_factor(snapshot: Snapshot, _today: date | None) -> Array:
    judged = np.where(snapshot.severity > 0, snapshot.severity, 3)
    factor: Array = 1 + SEVERITY_BOOST * (judged - 3)
    return factor


def _recency_factor(snapshot: Snapshot, today: date | None) -> Array:
    assert today is not None
    age = np.maximum(0, today.toordinal() - snapshot.last_day)
    factor: Array = 1 + RECENCY_BOOST * 0.5 ** (age / RECENCY_HALF_LIFE)
    return factor
