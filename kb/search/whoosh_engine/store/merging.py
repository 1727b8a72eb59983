"""Merge segments: the merge policy, and the merge itself, which works on whole arrays."""

from __future__ import annotations

from array import array
from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kb.search.whoosh_engine.format.layout import DOC_VALUES, TermDictionary, Tokens, invert

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from kb.search.whoosh_engine.format.arrays import Array
    from kb.search.whoosh_engine.format.segment import Segment
    from kb.search.whoosh_engine.store.codec import SegmentInfo

MERGE_FACTOR = 4
"""The number of segments of one level that are merged into one of the next; also the ratio of their sizes."""

SMALL_LEVELS = 2
"""Segments of lower levels (up to 15 documents) are merged during the commit, which takes a few ms."""

MAX_MERGED_DOCS = 10_000
"""The maximum size of a merged segment, to bound the time and memory of a merge."""


class MergeSource(NamedTuple):
    """A segment to merge, and its deleted documents, which are left out."""

    segment: Segment
    deleted: frozenset[int]


def find_merge(entries: Sequence[SegmentInfo], *, small: bool) -> list[SegmentInfo]:
    """Choose the segments to merge next, among small or other ones; empty if no merge is due."""
    levels: dict[int, list[SegmentInfo]] = defaultdict(list)
    for entry in entries:
        levels[_level(entry.doc_count())].append(entry)
    for level, candidates in sorted(levels.items()):
        chosen = _within_limit(candidates)
        if (level < SMALL_LEVELS) is small and len(chosen) >= MERGE_FACTOR:
            return chosen
    if not small:
        return [entry for entry in entries if entry.deleted_count() > entry.doc_count()][:1]
    return []


def _level(count: int) -> int:
    return max(0, count.bit_length() - 1) // 2


def _within_limit(entries: Sequence[SegmentInfo]) -> list[SegmentInfo]:
    """The first segments that together have at most MAX_MERGED_DOCS documents."""
    chosen, total = [], 0
    for entry in entries:
        total += entry.doc_count()
        if total > MAX_MERGED_DOCS:
            break
        chosen.append(entry)
    return chosen


def merge_sources(
    entries: Iterable[SegmentInfo], open_segment: Callable[[str], Segment]
) -> list[MergeSource]:
    """The sources of a merge, with the documents that are currently deleted."""
    return [MergeSource(open_segment(entry.segment_id()), frozenset(entry.deleted)) for entry in entries]


def merge(sources: Sequence[MergeSource]) -> tuple[dict[str, Array], dict[str, Array], list[Array]]:
    """The arrays of `.doc` and `.inv` and, by source, the new number of each document (-1: deleted)."""
    live_masks = [_live_mask(source) for source in sources]
    numbers, start = [], 0
    for live in live_masks:
        numbers.append(np.where(live, start + np.cumsum(live) - 1, -1))
        start += int(live.sum())
    return _documents(sources, live_masks), _inverted(sources, numbers), numbers


def _live_mask(source: MergeSource) -> Array:
    live = np.ones(source.segment.size, bool)
    live[list(source.deleted)] = False
    return live


def _documents(sources: Sequence[MergeSource], live_masks: Sequence[Array]) -> dict[str, Array]:
    pairs = list(zip(sources, live_masks, strict=True))
    doc_values = {
        name: np.concatenate([source.segment.documents.read(name)[live] for source, live in pairs])
        for name in DOC_VALUES
    }
    field_lengths = np.concatenate(
        [source.segment.field_lengths()[:, live] for source, live in pairs], axis=1
    )
    return {
        **doc_values,
        "field_lengths": field_lengths.ravel(),
        **_joined("stored", pairs),
        **_joined("titles", pairs),
    }


def _joined(name: str, pairs: Sequence[tuple[MergeSource, Array]]) -> dict[str, Array]:
    """The bytes of all live documents in `stored` or `titles`, encoded as by `string_arrays`."""
    found = [source.segment.slices(name, live) for source, live in pairs]
    lengths = np.concatenate([np.zeros(1, np.int64), *(each for _, each in found)])
    data = np.concatenate([np.zeros(0, np.uint8), *chain.from_iterable(slices for slices, _ in found)])
    return {f"{name}_offsets": np.cumsum(lengths), name: data}


def _inverted(sources: Sequence[MergeSource], numbers: Sequence[Array]) -> dict[str, Array]:
    term_ids: dict[bytes, int] = {}
    dictionary = TermDictionary([], array("Q"), [])
    parts: list[Tokens] = []
    for source, number in zip(sources, numbers, strict=True):
        by_ordinal = _merge_dictionary(source.segment, term_ids, dictionary)
        ordinal, field, doc, position = source.segment.all_positions()
        doc = number[doc]
        live = doc >= 0
        parts.append(
            Tokens(
                by_ordinal[ordinal][live].astype(np.uint32),
                field[live].astype(np.uint8),
                doc[live].astype(np.uint32),
                position[live],
            )
        )
    joined: Any = [np.concatenate(arrays) for arrays in zip(*parts, strict=True)]
    return invert(dictionary, Tokens(*joined))


def _merge_dictionary(segment: Segment, term_ids: dict[bytes, int], dictionary: TermDictionary) -> Array:
    """Add the terms of a segment to a joint dictionary, and return the joint term id of each ordinal."""
    terms, hashes, surface_forms = dictionary
    by_ordinal: list[int] = []
    for term, term_hash, forms in segment.encoded_dictionary():
        term_id = term_ids.setdefault(term, len(terms))
        if term_id == len(terms):
            terms.append(term)
            hashes.append(term_hash)
            surface_forms.append(forms)
        elif (others := surface_forms[term_id]) != forms:  # rare
            surface_forms[term_id] = b"\n".join(sorted({*others.split(b"\n"), *forms.split(b"\n")} - {b""}))
        by_ordinal.append(term_id)
    return np.array(by_ordinal, np.int64)


def deletions_since(then: Collection[int], now: Collection[int], numbers: Array) -> list[int]:
    """The new numbers of the documents that were deleted from a source while it was being merged."""
    return [int(numbers[doc]) for doc in set(now) - set(then)]
