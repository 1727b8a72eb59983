"""The documents that a clause matches, with their scores; sparse if they are few, dense if they are many."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.search.whoosh_engine.format.arrays import Array

_DENSE_RATIO = 4
"""Matches are stored dense if they contain more than one document in this many."""


class Matches(NamedTuple):
    """Matching documents: their number `total`, the `size` of the index, and the scores.

    Sparse: `docs` has the document numbers, ascending, and `scores` their scores. Dense: `docs` is None,
    `scores` covers all documents, and `dense` is the mask of those that match.
    """

    total: int
    size: int
    docs: Array | None
    scores: Array
    dense: Array | None

    @property
    def mask(self) -> Array:
        """The mask of the matching documents."""
        if self.dense is not None:
            return self.dense
        mask = np.zeros(self.size, bool)
        mask[self.docs] = True
        return mask

    def count_in(self, counts: Array) -> None:
        """Add one to the count of each matching document."""
        if self.dense is not None:
            counts += self.dense
        else:
            counts[self.docs] += 1

    def add_to(self, scores: Array) -> None:
        """Add the scores to an array over all documents."""
        if self.docs is None:
            scores += self.scores
        else:
            scores[self.docs] += self.scores

    def scores_of(self, docs: Array, *, all_match: bool = False) -> Array:
        """The scores of some documents, 0 for those that do not match. `all_match` promises that all do."""
        if self.docs is None:
            return self.scores[docs]
        if all_match:
            scores: Array = self.scores[np.searchsorted(self.docs, docs)]
            return scores
        if not self.total:
            return np.zeros(len(docs))
        index = np.minimum(np.searchsorted(self.docs, docs), self.total - 1)
        return np.where(self.docs[index] == docs, self.scores[index], 0.0)

    def has(self, doc: int) -> bool:
        """Whether a document matches."""
        if self.dense is not None:
            return bool(self.dense[doc])
        assert self.docs is not None
        index = self.docs.searchsorted(np.int32(doc))
        return bool(index < self.total and self.docs[index] == doc)


def add_all(scores: Array, found: Sequence[Matches]) -> None:
    """Add the scores of many matches to an array over all documents; the sparse ones in a single pass."""
    sparse = [(matches.docs, matches.scores) for matches in found if matches.docs is not None]
    if sparse:
        docs, values = (np.concatenate(parts) for parts in zip(*sparse, strict=True))
        scores += np.bincount(docs, values, len(scores))
    for matches in found:
        if matches.docs is None:
            scores += matches.scores


def matches_by_doc(found: Sequence[Matches], docs: Sequence[int]) -> list[list[int]]:
    """For each document, the indexes in `found` of the matches that contain it, ascending."""
    parts = [np.zeros(0, np.int32) if matches.docs is None else matches.docs for matches in found]
    dense = [(index, matches.dense) for index, matches in enumerate(found) if matches.dense is not None]
    sparse, ends = np.concatenate([np.zeros(0, np.int32), *parts]), np.cumsum([*map(len, parts)])
    rows, entries = np.nonzero(sparse == np.array(docs, np.int32)[:, np.newaxis])
    indexes: list[list[int]] = [[] for _ in docs]
    for row, index in zip(rows.tolist(), ends.searchsorted(entries, side="right").tolist(), strict=True):
        indexes[row].append(index)
    if not dense:
        return indexes
    return [
        sorted([*sparse, *(index for index, mask in dense if mask[doc])])
        for doc, sparse in zip(docs, indexes, strict=True)
    ]


def matches_of_docs(size: int, docs: Array, scores: Array) -> Matches:
    """Build matches from document numbers, ascending, in an index of `size` documents."""
    if len(docs) * _DENSE_RATIO <= size:
        return Matches(len(docs), size, docs, scores, None)
    mask = np.zeros(size, bool)
    mask[docs] = True
    dense = np.zeros(size)
    dense[docs] = scores
    return Matches(len(docs), size, None, dense, mask)


@lru_cache(maxsize=4)
def no_matches(size: int) -> Matches:
    """Empty matches. One shared object, because caches keep it for thousands of words."""
    return Matches(0, size, np.zeros(0, np.int32), np.zeros(0), None)


def matches_of_scores(scores: Array) -> Matches:
    """Build matches of the documents with a positive score, given the scores of all documents."""
    mask = scores > 0
    total, size = int(np.count_nonzero(mask)), len(scores)
    if total * _DENSE_RATIO > size:
        return Matches(total, size, None, scores, mask)
    docs = np.flatnonzero(mask).astype(np.int32)
    return Matches(total, size, docs, scores[docs], None)


def best_of(one: Matches, other: Matches) -> Matches:
    """The union of two matches, with the higher score of each document."""
    if one.docs is not None and other.docs is not None:
        docs = np.union1d(one.docs, other.docs)
        return matches_of_docs(one.size, docs, np.maximum(one.scores_of(docs), other.scores_of(docs)))
    docs = np.flatnonzero(one.mask | other.mask).astype(np.int32)
    return matches_of_docs(one.size, docs, np.maximum(one.scores_of(docs), other.scores_of(docs)))
