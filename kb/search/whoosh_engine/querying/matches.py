"""The documents that a word, a phrase or a condition matches."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from kb.search.whoosh_engine.format.arrays import Array

_COMMON = 4
"""What every fourth document matches is kept as scores over all documents."""


class Matches(NamedTuple):
    """Documents that match: how many, of how many in all, and their scores.

    Where they are few, `docs` has their numbers, ascending, and `scores` the score of each; where they are
    many, `docs` is None, `scores` goes over all documents, and `common` says which they are.
    """

    total: int
    size: int
    docs: Array | None
    scores: Array
    common: Array | None

    @property
    def mask(self) -> Array:
        """Which documents match, over all."""
        if self.common is not None:
            return self.common
        mask = np.zeros(self.size, bool)
        mask[self.docs] = True
        return mask

    def count_in(self, cover: Array) -> None:
        """Count one more for each document that matches."""
        if self.common is not None:
            cover += self.common
        else:
            cover[self.docs] += 1

    def add_to(self, scores: Array) -> None:
        """Add the scores to those of all documents."""
        if self.docs is None:
            scores += self.scores
        else:
            scores[self.docs] += self.scores

    def scores_of(self, docs: Array, *, all_match: bool = False) -> Array:
        """The scores of some documents, 0 for those that do not match, if there may be such."""
        if self.docs is None:
            return self.scores[docs]
        if all_match:
            scores: Array = self.scores[np.searchsorted(self.docs, docs)]
            return scores
        if not self.total:
            return np.zeros(len(docs))
        place = np.minimum(np.searchsorted(self.docs, docs), self.total - 1)
        return np.where(self.docs[place] == docs, self.scores[place], 0.0)

    def has(self, doc: int) -> bool:
        """Whether a document matches."""
        if self.common is not None:
            return bool(self.common[doc])
        assert self.docs is not None
        place = int(np.searchsorted(self.docs, np.int32(doc)))
        return place < self.total and bool(self.docs[place] == doc)


def make_matches(size: int, docs: Array, scores: Array) -> Matches:
    """The documents that match, ascending by number, of `size` in all."""
    if len(docs) * _COMMON <= size:
        return Matches(len(docs), size, docs, scores, None)
    common = np.zeros(size, bool)
    common[docs] = True
    dense = np.zeros(size)
    dense[docs] = scores
    return Matches(len(docs), size, None, dense, common)


def make_dense(scores: Array) -> Matches:
    """The documents that have a score, given those of all."""
    common = scores > 0
    total, size = int(np.count_nonzero(common)), len(scores)
    if total * _COMMON > size:
        return Matches(total, size, None, scores, common)
    docs = np.flatnonzero(common).astype(np.int32)
    return Matches(total, size, docs, scores[docs], None)
