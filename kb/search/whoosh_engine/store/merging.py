"""Making one segment of several: which ones, and how. The arrays are joined, never token by token."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kb.search.whoosh_engine.format.layout import FACTS, Terms, Tokens, invert, strings

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from kb.search.whoosh_engine.format.arrays import Array
    from kb.search.whoosh_engine.format.segment import Segment
    from kb.search.whoosh_engine.store.codec import SegmentEntry

FACTOR = 8
"""So many segments of one order of magnitude become one of the next."""

SMALL = 1
"""Segments of magnitudes below this, up to 7 documents, are merged by the writer: it takes a few ms."""

LARGEST = 10_000
"""No merge makes a segment of more documents: its cost, in memory too, is bounded."""


class Source(NamedTuple):
    """A segment that is to be merged, without the documents that are deleted."""

    segment: Segment
    deleted: frozenset[int]


def choose(entries: Sequence[SegmentEntry], *, small: bool) -> list[SegmentEntry]:
    """The segments to merge next, among small ones or among the others; none if nothing is to be gained."""
    magnitudes: dict[int, list[SegmentEntry]] = defaultdict(list)
    for entry in entries:
        magnitudes[_magnitude(entry.doc_count())].append(entry)
    for magnitude, equals in sorted(magnitudes.items()):
        chosen = _that_fit(equals)
        if (magnitude < SMALL) is small and len(chosen) >= FACTOR:
            return chosen
    if not small:
        return [entry for entry in entries if entry.deleted_count() > entry.doc_count()][:1]
    return []


def _magnitude(count: int) -> int:
    return max(0, count.bit_length() - 1) // 3


def _that_fit(entries: Sequence[SegmentEntry]) -> list[SegmentEntry]:
    """As many as make no segment that is too large."""
    chosen, total = [], 0
    for entry in entries:
        total += entry.doc_count()
        if total > LARGEST:
            break
        chosen.append(entry)
    return chosen


def merge(sources: Sequence[Source]) -> tuple[dict[str, Array], dict[str, Array], list[Array]]:
    """The arrays of `.doc` and `.inv`; and of each source, the new number of each document, -1 for none."""
    kept = [_kept(source) for source in sources]
    numbers, start = [], 0
    for keep in kept:
        numbers.append(np.where(keep, start + np.cumsum(keep) - 1, -1))
        start += int(keep.sum())
    return _documents(sources, kept), _inverted(sources, numbers), numbers


def _kept(source: Source) -> Array:
    keep = np.ones(source.segment.size, bool)
    keep[list(source.deleted)] = False
    return keep


def _documents(sources: Sequence[Source], kept: Sequence[Array]) -> dict[str, Array]:
    pairs = list(zip(sources, kept, strict=True))
    facts = {
        name: np.concatenate([source.segment.documents.read(name)[keep] for source, keep in pairs])
        for name in FACTS
    }
    lengths = np.concatenate([source.segment.lengths[:, keep] for source, keep in pairs], axis=1)
    stored = [source.segment.stored(doc) for source, keep in pairs for doc in np.flatnonzero(keep).tolist()]
    return {**facts, "lengths": lengths.ravel(), **strings("stored", stored)}


def _inverted(sources: Sequence[Source], numbers: Sequence[Array]) -> dict[str, Array]:
    known: dict[str, int] = {}
    forms: list[set[str]] = []
    parts: list[Tokens] = []
    for source, number in zip(sources, numbers, strict=True):
        rows = _number_terms(source.segment, known, forms)
        row, field, doc, place = source.segment.all_places()
        doc = number[doc]
        alive = doc >= 0
        parts.append(
            Tokens(
                rows[row][alive].astype(np.uint32),
                field[alive].astype(np.uint8),
                doc[alive].astype(np.uint32),
                place[alive],
            )
        )
    joined: Any = [np.concatenate(arrays) for arrays in zip(*parts, strict=True)]
    return invert(Terms(list(known), forms), Tokens(*joined))


def _number_terms(segment: Segment, known: dict[str, int], forms: list[set[str]]) -> Array:
    """The joint number of the term of each row; new terms are given one."""
    numbers = np.empty(len(segment), np.int64)
    for row, (term, words) in enumerate(segment.rows()):
        number = known.setdefault(term, len(known))
        if number == len(forms):
            forms.append(set())
        forms[number].update(words)
        numbers[row] = number
    return numbers


def deletions_since(then: Collection[int], now: Collection[int], numbers: Array) -> list[int]:
    """The new numbers of the documents of a source that were deleted while it was merged."""
    return [int(numbers[doc]) for doc in set(now) - set(then)]
