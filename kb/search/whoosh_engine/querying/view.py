"""A snapshot as seen by a set of audiences, and the scores of terms in it (BM25F)."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kb.batches import batched
from kb.domain.language import primary_subtag
from kb.search.analysis import index_term
from kb.search.engine import TEXT_WEIGHTS
from kb.search.whoosh_engine.format.arrays import nbytes
from kb.search.whoosh_engine.format.layout import FIELD_COUNT, MARKER_ID

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from kb.domain.filters import IncidentFilter
    from kb.search.whoosh_engine.format.arrays import Array
    from kb.search.whoosh_engine.format.segment import Segment
    from kb.search.whoosh_engine.querying.snapshot import Snapshot

K1, B = 1.2, 0.75
"""The parameters of BM25F: the saturation of term frequency, and the strength of length normalization."""

_WEIGHTS = list(TEXT_WEIGHTS.values())

_FIELDS = np.arange(FIELD_COUNT)

_NO_POSTINGS = np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64)
"""The types of documents and frequencies of postings, and of their groups and the sizes of these."""

_FEW_ROWS = 16
"""Fewer than one row in this many is looked for in the bounds of its group."""

DocFreq = list[int]
"""The number of visible documents with a term, by field."""


_MASK_BYTES = 4_000_000
"""The size of the masks of words that are counted together."""

_MAX_DOCS_CHECKED = 100
"""Maximum number of visible documents to search for a surface form; if none has it, it counts as hidden."""


class TermScores(NamedTuple):
    """The scores of a term's postings, as parallel arrays, and its number of documents by field."""

    doc: Array
    field: Array
    score: Array
    doc_freq: DocFreq


class View:
    """A snapshot as seen by a set of audiences. Statistics cover only the live documents that they can see.

    So neither totals nor scores reveal hidden documents, and deleted ones have no weight even before a merge.
    """

    def __init__(self, snapshot: Snapshot, audiences: frozenset[str] | None) -> None:
        self.snapshot, self.audiences = snapshot, audiences
        self.visible_docs = snapshot.live_docs
        if audiences is not None:
            self.visible_docs = snapshot.live_docs & snapshot.mask_of("audience", audiences)
        self.doc_count = int(self.visible_docs.sum())
        # Maintained by the vocabulary module
        self.vocabularies: list[Any] | None = None
        self.unusual_vocabularies: list[Any] | None = None
        # The marker, which has no text, is not counted.
        self._sees_all = self.doc_count == snapshot.size - 1

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages of the visible texts, by descending number of documents."""
        if self._sees_all:
            return self.snapshot.languages
        masks = ((tag, self.snapshot.mask_of("language", [tag])) for tag in self.snapshot.languages)
        counts = {tag: int(np.count_nonzero(mask & self.visible_docs)) for tag, mask in masks}
        return tuple(sorted(filter(counts.get, counts), key=lambda tag: (-counts[tag], tag)))

    @cached_property
    def _norm_per_token(self) -> Array:
        """By field, how much each token adds to the length normalization."""
        totals = self.snapshot.field_lengths[:, self.visible_docs].sum(axis=1, dtype=np.int64)
        average = totals / max(self.doc_count, 1)
        average[average == 0] = 1
        norm: Array = K1 * B / average
        return norm

    def visible_in(self, number: int) -> Array | None:
        """The mask of the visible documents of a segment; None if all are visible."""
        start, stop = self.snapshot.doc_bases[number : number + 2]
        visible = self.visible_docs[start:stop]
        hidden = np.count_nonzero(~visible & (self.snapshot.ids[start:stop] != MARKER_ID))
        return visible if hidden else None

    def filter_mask(self, filter_: IncidentFilter) -> Array:
        """The mask of the visible documents that pass a filter."""
        key = (self.audiences, filter_.key)
        return self.snapshot.masks.get_or_create(
            key, lambda: self.snapshot.filter_mask(filter_) & self.visible_docs, nbytes
        )

    def count_with_each(self, words: Sequence[Collection[str]], fields: Array | None = None) -> list[int]:
        """For each of many words, the number of visible documents with any of its terms, in any field, or in
        the fields of a mask."""
        counts: list[int] = []
        at_once = max(1, _MASK_BYTES // self.snapshot.size)
        for batch in batched(words, at_once):
            masks = self.snapshot.masks_with_any(batch, fields)
            masks &= self.visible_docs
            counts += map(np.count_nonzero, masks)
        return counts

    def docs_with_any(self, terms: Iterable[str], fields: Array) -> Array:
        """The mask of the visible documents with any of the terms, in the fields of a mask."""
        mask = np.zeros(self.snapshot.size, bool)
        for term in terms:
            mask[self.snapshot.docs_with(term, fields)] = True
        mask &= self.visible_docs
        return mask

    def term_scores(
        self,
        term: str,
        field: int | None = None,
        at_least: DocFreq | None = None,
        among: Array | None = None,
    ) -> TermScores:
        """The score of a term in each document and field (BM25F), as in `scores_of_each`."""
        return self.scores_of_each([term], field, [at_least], among)[0]

    def scores_of_each(
        self,
        terms: Sequence[str],
        field: int | None,
        at_least: Sequence[DocFreq | None],
        among: Array | None = None,
    ) -> list[TermScores]:
        """The score of each of some terms in each document and field (BM25F).

        `at_least` is, for each term, the document frequency of the word that it is a variant of, so that a
        variant is not weighted as rarer than the word itself. With `among`, a mask of visible documents, only
        these are scored; document frequencies count all.
        """
        docs, frequency, counts, doc_freq = self._postings(terms, field, among)
        group = np.repeat(np.arange(len(counts)), counts)
        doc_freqs = doc_freq.reshape(-1, FIELD_COUNT).tolist()
        fields = np.repeat(np.tile(_FIELDS, len(terms)), counts)
        length_norm = K1 * (1 - B) + self._norm_per_token[fields] * self.snapshot.field_lengths[fields, docs]
        weights = np.array([self._weights(*each) for each in zip(doc_freqs, at_least, strict=True)])
        score = weights.ravel()[group] * (frequency / (frequency + length_norm))
        ends = np.append(0, counts.cumsum())[::FIELD_COUNT].tolist()
        return [
            TermScores(docs[start:stop], fields[start:stop], score[start:stop], doc_freq)
            for (start, stop), doc_freq in zip(pairwise(ends), doc_freqs, strict=True)
        ]

    def add_scores(self, scores: Array, term: str, field: int | None, factor: float) -> DocFreq:
        """Add the scores of a term, times a factor, to an array over all documents.

        They equal the scores of `term_scores` without `at_least`; this is faster for a common term. Returns
        the document frequency.
        """
        docs, values, counts, _ = self._postings([term], field)
        doc_freq: DocFreq = counts.tolist()
        lengths, start = self.snapshot.field_lengths, 0
        for number, (count, weight) in enumerate(zip(doc_freq, self._weights(doc_freq, None), strict=True)):
            if count:
                value = values[start : start + count]  # frequencies, converted to scores in place
                denominator = lengths[number][docs[start : start + count]] * self._norm_per_token[number]
                denominator += K1 * (1 - B)
                denominator += value
                value /= denominator
                value *= weight * factor
                start += count
        scores += np.bincount(docs, values, len(scores))
        return doc_freq

    def doc_freq(self, term: str, field: int | None = None) -> DocFreq:
        """The number of visible documents with a term, by field, or only in one."""
        counts = np.zeros(FIELD_COUNT, np.int64)
        for segment, base, ordinal in self.snapshot.lookup(term):
            sizes = segment.doc_freq(ordinal)
            counts += sizes
            if not self._sees_all:
                hidden = np.flatnonzero(~self.visible_docs[base + segment.docs(ordinal)])
                counts -= np.bincount(_groups_of(hidden, _FIELDS, sizes), minlength=FIELD_COUNT)
        if field is not None:
            counts[field != _FIELDS] = 0
        found: DocFreq = counts.tolist()
        return found

    def _postings(
        self, terms: Sequence[str], field: int | None, among: Array | None = None
    ) -> tuple[Array, Array, Array, Array]:
        """The visible documents of some terms, or those `among` them, with their frequencies, grouped by term
        and field; the number of documents in each of these groups; and how many are visible.
        """
        ordinals: dict[tuple[int, Segment], list[tuple[int, int]]] = {}
        for number, term in enumerate(terms):
            for segment, base, ordinal in self.snapshot.lookup(term):
                ordinals.setdefault((base, segment), []).append((number, ordinal))
        read = [_NO_POSTINGS]
        for (base, segment), found in sorted(ordinals.items(), key=lambda each: each[0][0]):
            numbers, those = np.array(found).T
            doc, frequency, sizes = segment.postings_of_each(those)
            groups = (numbers[:, None] * FIELD_COUNT + _FIELDS).ravel()
            read.append((doc + base, frequency, groups, sizes.ravel()))
        doc, frequency, groups, sizes = (np.concatenate(parts) for parts in zip(*read, strict=True))
        seen = None if self._sees_all else self.visible_docs[doc]
        if field is not None:
            in_field = np.repeat(groups % FIELD_COUNT == field, sizes)
            seen = in_field if seen is None else seen & in_field
        size = len(terms) * FIELD_COUNT
        if among is not None:
            hidden = np.zeros(0, np.int64) if seen is None else np.flatnonzero(~seen)
            doc_freq = np.bincount(groups, sizes, size).astype(np.int64)
            doc_freq -= np.bincount(_groups_of(hidden, groups, sizes), minlength=size)
            rows = np.flatnonzero(among[doc] if seen is None else among[doc] & seen)
            doc, frequency, group = doc[rows], frequency[rows], _groups_of(rows, groups, sizes)
        else:
            group = np.repeat(groups, sizes)
            if seen is not None:
                doc, frequency, group = doc[seen], frequency[seen], group[seen]
        if len(ordinals) > 1:
            order = group.argsort(kind="stable")
            doc, frequency = doc[order], frequency[order]
        counts = np.bincount(group, minlength=size)
        return doc, frequency, counts, counts if among is None else doc_freq

    def _weights(self, doc_freq: DocFreq, at_least: DocFreq | None) -> list[float]:
        """The weight of a term in each field: the weight of the field times the term's idf in it."""
        size = max(self.doc_count, 1)
        if at_least is not None:
            doc_freq = list(map(max, doc_freq, at_least))
        pairs = zip(_WEIGHTS, doc_freq, strict=True)
        return [weight * (log(size / (count + 1)) + 1) * (K1 + 1) for weight, count in pairs]

    def has_visible_form(self, form: str) -> bool:
        """Whether a visible document contains a case-folded word in this form.

        The index stores surface forms by term, not by document, so a form may occur only in hidden documents.
        """
        terms = {index_term(form, primary_subtag(tag)) for tag in ("en", *self.languages)}
        for term in terms:
            docs = np.unique(self.snapshot.docs_with(term))
            visible = docs[self.visible_docs[docs]][:_MAX_DOCS_CHECKED].tolist()
            if any(self.snapshot.has_surface_form(doc, form) for doc in visible):
                return True
        return False

    def positions(self, term: str) -> Array:
        """The positions of a term in all fields, each as `field * size + doc << 32 | position`, in an index
        of `size`.

        Positions are ascending, unless several segments have the term.
        """
        parts: list[Array] = [np.zeros(0, np.int64)]
        for segment, base, ordinal in self.snapshot.lookup(term):
            (doc, frequency, doc_freq), position = segment.postings_with_positions(ordinal)
            field_doc = np.repeat(np.arange(FIELD_COUNT) * self.snapshot.size, doc_freq) + (doc + base)
            parts.append(np.repeat(field_doc << 32, frequency) | position)
        return np.concatenate(parts)


def _groups_of(rows: Array, groups: Array, sizes: Array) -> Array:
    """The group of each of some ascending rows, where `groups` of some sizes follow one another."""
    found: Array
    if len(rows) * _FEW_ROWS < sizes.sum():
        found = groups[np.cumsum(sizes).searchsorted(rows, "right")]
    else:
        found = np.repeat(groups, sizes)[rows]
    return found


def view_of(snapshot: Snapshot, audiences: frozenset[str] | None) -> View:
    """The view of a snapshot for a set of audiences (None: all documents), cached until it is retired."""
    view: View | None = snapshot.views.get(audiences)
    if view is None:
        view = View(snapshot, audiences)
        if not snapshot.retired:
            snapshot.views[audiences] = view
            if snapshot.retired:  # by another thread, which has just cleared the views
                snapshot.views.clear()
    return view
