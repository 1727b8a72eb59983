"""A state of the index as some audiences see it, and what its words are worth to them (BM25F)."""

from __future__ import annotations

from itertools import accumulate, pairwise
from math import log
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kb.search.engine import TEXT_WEIGHTS
from kb.search.whoosh_engine.format.arrays import nbytes
from kb.search.whoosh_engine.format.layout import FIELDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.domain.filters import IncidentFilter
    from kb.search.whoosh_engine.format.arrays import Array
    from kb.search.whoosh_engine.format.segment import Postings
    from kb.search.whoosh_engine.querying.snapshot import Snapshot

K1, B = 1.2, 0.75
"""The free parameters of BM25F: how fast a repeated word stops counting, how much a long field costs."""

MAX_VIEWS = 64
"""How many views a snapshot keeps; the oldest is dropped first."""

_WEIGHTS = list(TEXT_WEIGHTS.values())


class Contributions(NamedTuple):
    """What the postings of a term add to scores, as parallel arrays."""

    doc: Array
    field: Array
    score: Array


class View:
    """A state of the index as some audiences see it: its statistics too count nothing else.

    So neither totals nor scores tell of what is hidden; and what is deleted weighs nothing until it is merged
    away.
    """

    def __init__(self, snapshot: Snapshot, audiences: frozenset[str] | None) -> None:
        self.snapshot, self.audiences = snapshot, audiences
        self.mask = snapshot.alive
        if audiences is not None:
            self.mask = snapshot.alive & snapshot.any_of("audience", audiences)
        self.count = int(self.mask.sum())
        # All but the marker, which no word is in.
        self._is_whole = self.count == snapshot.size - 1
        totals = snapshot.field_lengths[:, self.mask].sum(axis=1, dtype=np.int64)
        average = totals / max(self.count, 1)
        average[average == 0] = 1
        self._per_word = K1 * B / average

    def passing(self, wanted: IncidentFilter) -> Array:
        """Which documents may be seen, and are let through by a filter."""
        key = (self.audiences, wanted.key)
        return self.snapshot.masks.get_or_create(
            key, lambda: self.snapshot.passing(wanted) & self.mask, nbytes
        )

    def contributions(self, term: str, field: int | None = None) -> Contributions:
        """What a term adds to the scores of the documents that have it, field by field (BM25F)."""
        docs, frequency, counts = self._postings(term, field)
        fields = np.repeat(np.arange(FIELDS), counts)
        score = np.zeros(0)
        if len(docs):
            slow = K1 * (1 - B) + self._per_word[fields] * self.snapshot.field_lengths[fields, docs]
            score = np.array(self._weights(counts))[fields] * (frequency / (frequency + slow))
        return Contributions(docs, fields, score)

    def add_scores(self, scores: Array, term: str, field: int | None, factor: float) -> None:
        """Add what `contributions` are, each times a factor, to the scores of all documents.

        The same for a common term, in less time: field after field.
        """
        docs, shares, counts = self._postings(term, field)
        start = 0
        for number, (count, weight) in enumerate(zip(counts, self._weights(counts), strict=True)):
            if count:
                share = shares[start : start + count]
                slow = self._slow(number)[docs[start : start + count]]
                slow += share
                share /= slow
                share *= weight * factor
                start += count
        scores += np.bincount(docs, shares, len(scores))

    def _postings(self, term: str, field: int | None) -> tuple[Array, Array, list[int]]:
        """The documents that have a term and may be seen, and how often they have it, field after field; how
        many they are by field.
        """
        rows = self.snapshot.rows(term)
        read = [(segment.postings(row), base) for segment, base, row in rows]
        if len(read) == 1 and field is None:
            (found, base), counts = read[0], read[0][0].doc_freq.tolist()
            doc, frequency = found.doc.astype(np.int64) + base, found.frequency.astype(np.float64)
        else:
            doc, frequency, counts = _field_by_field(read, range(FIELDS) if field is None else [field])
        if not self._is_whole:
            seen = self.mask[doc]
            ends = accumulate(counts, initial=0)
            counts = [int(np.count_nonzero(seen[start:stop])) for start, stop in pairwise(ends)]
            doc, frequency = doc[seen], frequency[seen]
        return doc, frequency, counts

    def _weights(self, counts: Sequence[int]) -> list[float]:
        """What a term weighs in each field, by the number of documents that have it there."""
        most = max(self.count, 1)
        weights = zip(_WEIGHTS, counts, strict=True)
        return [weight * (log(most / (count + 1)) + 1) * (K1 + 1) for weight, count in weights]

    def _slow(self, field: int) -> Array:
        """How slowly a repeated word counts for more in one field of each document: less in a long one."""
        return self.snapshot.masks.get_or_create(
            ("slow", self.audiences, field),
            lambda: K1 * (1 - B) + self._per_word[field] * self.snapshot.field_lengths[field],
            nbytes,
        )

    def places(self, term: str, field: int) -> Array:
        """Where a term stands in a field, as `doc << 32 | place`."""
        parts = []
        for segment, base, row in self.snapshot.rows(term):
            if segment.doc_freq[row, field]:
                doc, place = segment.positions(row, field)
                parts.append(((doc.astype(np.int64) + base) << 32) | place)
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def view_of(snapshot: Snapshot, audiences: frozenset[str] | None) -> View:
    """The view that some audiences have of a snapshot (None: of all of it), kept as long as the snapshot."""
    view: View | None = snapshot.views.get(audiences)
    if view is None:
        view = snapshot.views[audiences] = View(snapshot, audiences)
        while len(snapshot.views) > MAX_VIEWS:
            snapshot.views.popitem(last=False)
    return view


def _field_by_field(
    read: Sequence[tuple[Postings, int]], fields: Sequence[int]
) -> tuple[Array, Array, list[int]]:
    """The postings of several segments as if they were of one, those of some fields only."""
    docs: list[Array] = [np.zeros(0, np.int64)]
    frequencies: list[Array] = [np.zeros(0)]
    counts = [0] * FIELDS
    ends = [list(accumulate(postings.doc_freq.tolist(), initial=0)) for postings, _ in read]
    for field in fields:
        for (postings, base), (start, stop) in zip(
            read, (end[field : field + 2] for end in ends), strict=True
        ):
            if start < stop:
                docs.append(postings.doc[start:stop] + base)
                frequencies.append(postings.frequency[start:stop])
                counts[field] += stop - start
    return np.concatenate(docs), np.concatenate(frequencies), counts
