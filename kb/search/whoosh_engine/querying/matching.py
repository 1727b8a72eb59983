"""Match a leaf: find the documents with any of its terms and phrases, and score them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from kb.search.whoosh_engine.format.arrays import nbytes
from kb.search.whoosh_engine.format.layout import FIELD_COUNT
from kb.search.whoosh_engine.querying.matches import Matches, best_of, matches_of_docs, matches_of_scores

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kb.search.whoosh_engine.format.arrays import Array
    from kb.search.whoosh_engine.querying.clauses import Leaf, MultiPhrase
    from kb.search.whoosh_engine.querying.view import DocFreq, TermScores, View

OTHERS_SHARE = 0.5
"""The weight of the alternatives for a word other than the one that matches a document best."""

_SPARSE_RATIO = 64
"""A word is scored sparsely, by its postings alone, if fewer than one document in this many has it."""

POSTINGS_AT_ONCE = 50_000
"""About how many postings of several terms are scored together; as a prefix may have any number of them, more
would only take memory."""


def match_leaf(view: View, leaf: Leaf) -> Matches:
    """The documents that match a leaf, with their scores."""
    key = (view.audiences, leaf)
    return view.snapshot.matches.get_or_create(key, lambda: _matches(view, leaf), nbytes)


def match_own(view: View, leaf: Leaf) -> Matches:
    """The documents that match a leaf in its own language and script."""
    return match_leaf(view, leaf if leaf.foreign is None else replace(leaf, foreign=None))


def _matches(view: View, leaf: Leaf) -> Matches:
    if leaf.foreign is not None:
        own = match_own(view, leaf)
        foreign = _best(view, alternative_scores(view, leaf.foreign, typed_frequency(view, leaf)))
        if not foreign.total:
            return own
        return foreign if not own.total else best_of(own, foreign)
    if len(leaf.terms) == 1 and not leaf.phrases:
        ((term, weight),) = leaf.terms
        if view.snapshot.posting_count(term) * _SPARSE_RATIO > view.snapshot.size:
            scores = np.zeros(view.snapshot.size)
            view.add_scores(scores, term, leaf.field, weight)
            return matches_of_scores(scores)
    return _best(view, alternative_scores(view, leaf, typed_frequency(view, leaf)))


def alternative_scores(view: View, leaf: Leaf, at_least: DocFreq | None) -> list[tuple[Array, Array]]:
    """For each alternative of a leaf, its documents, which may repeat, and their scores."""
    found = [(scored.doc, scored.score * weight) for _, weight, scored in scored_terms(view, leaf, at_least)]
    found += [_phrase_scores(view, phrase, leaf.field, at_least) for phrase in leaf.phrases]
    return [(doc, score) for doc, score in found if len(doc)]


def _phrase_scores(
    view: View, phrase: MultiPhrase, field: int | None, at_least: DocFreq | None
) -> tuple[Array, Array]:
    """The documents of a phrase, which may repeat, and their scores.

    They are remembered, since both leaves of a compound have its phrase.
    """
    floor = None if phrase.weight >= 1.0 else at_least
    key = ("phrase scores", view.audiences, phrase, field, floor and tuple(floor))
    found: tuple[Array, Array] = view.snapshot.expansions.get_or_create(
        key, lambda: _score_phrase(view, phrase, field, floor), nbytes
    )
    return found


def _score_phrase(
    view: View, phrase: MultiPhrase, field: int | None, floor: DocFreq | None
) -> tuple[Array, Array]:
    parts = list(_phrase_parts(view, phrase, field, floor))
    none = np.zeros(0, np.int64), np.zeros(0)
    docs, scores = (np.concatenate(each) for each in zip(*(parts or [none]), strict=True))
    return docs, scores


def _phrase_parts(
    view: View, phrase: MultiPhrase, field: int | None, floor: DocFreq | None
) -> Iterator[tuple[Array, Array]]:
    """Yield the scores of a phrase: the scores of its terms in fields where they are adjacent."""
    field_docs = field_docs_of_phrase(view, phrase, field)
    if len(field_docs):
        among = np.zeros(view.snapshot.size, bool)
        among[field_docs % view.snapshot.size] = True
        for _, weight, found in phrase_terms(view, phrase, field, floor, among):
            inside = postings_in(view, found, field_docs)
            yield found.doc[inside], found.score[inside] * weight * phrase.weight


def postings_in(view: View, found: TermScores, field_docs: Array) -> Array:
    """The indexes of a term's postings in some fields of documents, given as in `field_docs_of_phrase`."""
    if not len(found.doc):
        return np.zeros(0, np.int64)
    own = found.field * view.snapshot.size + found.doc
    positions = own.searchsorted(field_docs)
    positions[positions == len(own)] = 0
    inside: Array = positions[own[positions] == field_docs]
    return inside


def typed_frequency(view: View, leaf: Leaf) -> DocFreq | None:
    """The number of documents with a word or phrase as typed, by field; None if there are none.

    Its alternatives count as no rarer than this, so that an exact match ranks first. Also None for a leaf
    without alternatives.
    """
    if not leaf.phrases and leaf.foreign is None and all(weight >= 1.0 for _, weight in leaf.terms):
        return None
    frequencies = [view.doc_freq(term, leaf.field) for term, weight in leaf.terms if weight >= 1.0]
    for phrase in leaf.phrases:
        if phrase.weight >= 1.0:
            docs = field_docs_of_phrase(view, phrase, leaf.field) % view.snapshot.size
            frequencies.append([len(np.unique(docs[view.visible_docs[docs]]))] * FIELD_COUNT)
    typed = [max(counts) for counts in zip(*frequencies, strict=True)] if frequencies else []
    return typed if any(typed) else None


def scored_terms(
    view: View, leaf: Leaf, at_least: DocFreq | None, among: Array | None = None
) -> Iterator[tuple[str, float, TermScores]]:
    """Yield the terms of a leaf with their weights and scores, of all documents or those of a mask."""
    for weighted in _batches(view, leaf.terms):
        floors = [None if weight >= 1.0 else at_least for _, weight in weighted]
        scores = view.scores_of_each([term for term, _ in weighted], leaf.field, floors, among)
        for (term, weight), found in zip(weighted, scores, strict=True):
            yield term, weight, found


def _batches(view: View, terms: Sequence[tuple[str, float]]) -> Iterator[list[tuple[str, float]]]:
    """Split terms into batches to be read together."""
    batch: list[tuple[str, float]] = []
    postings = 0
    for weighted in terms:
        batch.append(weighted)
        postings += view.snapshot.posting_count(weighted[0])
        if postings >= POSTINGS_AT_ONCE:
            yield batch
            batch, postings = [], 0
    if batch:
        yield batch


def field_docs_of_phrase(view: View, phrase: MultiPhrase, field: int | None) -> Array:
    """Where a phrase occurs: `field * size + doc` for each field of a document, ascending, in an index of
    `size`.

    Hidden documents are included. All fields are read at once, because a segment stores the positions of a
    term in all of them together.
    """
    key = ("phrase", phrase.positions)
    found = view.snapshot.masks.get_or_create(key, lambda: _field_docs_of_phrase(view, phrase), nbytes)
    if field is None:
        return found
    size = view.snapshot.size
    start, stop = found.searchsorted((field * size, (field + 1) * size))
    return found[start:stop]


def has_phrase(view: View, phrase: MultiPhrase) -> bool:
    """Whether a visible document has a phrase in any field."""
    docs = field_docs_of_phrase(view, phrase, None) % view.snapshot.size
    return bool(np.any(view.visible_docs[docs]))


def _field_docs_of_phrase(view: View, phrase: MultiPhrase) -> Array:
    """Start with the rarest word, so that the others are looked up only next to it."""
    counts = [sum(view.snapshot.posting_count(term) for term, _ in terms) for terms in phrase.positions]
    starts: Array | None = None
    for offset in sorted(range(len(counts)), key=counts.__getitem__):
        here = np.concatenate([view.positions(term) for term, _ in phrase.positions[offset]])
        here.sort(kind="stable")  # already sorted unless from several terms or segments
        if starts is None:
            starts = here - offset
        elif len(here):
            sought = starts + offset
            positions = here.searchsorted(sought)
            positions[positions == len(here)] = 0
            starts = starts[here[positions] == sought]
        else:
            starts = here
        if not len(starts):
            break
    return np.zeros(0, np.int64) if starts is None else np.unique(starts >> 32)


def phrase_terms(
    view: View, phrase: MultiPhrase, field: int | None, at_least: DocFreq | None, among: Array | None = None
) -> Iterator[tuple[str, float, TermScores]]:
    """Yield the terms of a phrase with weights and scores, of all documents or those of a mask.

    A variant counts as no rarer than its word.
    """
    for terms in phrase.positions:
        typed = at_least
        for term, weight in terms:
            found = view.term_scores(term, field, typed, among)
            if weight >= 1.0 and any(found.doc_freq):
                typed = found.doc_freq if typed is None else list(map(max, typed, found.doc_freq))
            yield term, weight, found


def _best(view: View, alternatives: Sequence[tuple[Array, Array]]) -> Matches:
    """The documents of any alternative of a leaf, each with the score of its best alternative.

    The alternatives mean the same thing, so the scores of the others are added only in part.
    """
    size = view.snapshot.size
    return matches_of_docs(size, *_best_alternative(size, alternatives))


def _best_alternative(size: int, alternatives: Sequence[tuple[Array, Array]]) -> tuple[Array, Array]:
    """The documents of any alternative, ascending, each with its highest score and a share of the others.

    An alternative has documents, which may repeat, and scores, which are summed. `size` is the number of
    documents in the index.
    """
    if not alternatives:
        return np.zeros(0, np.int32), np.zeros(0)
    doc = np.concatenate([docs for docs, _ in alternatives])
    if len(doc) * _SPARSE_RATIO < size:
        # `np.unique` takes several times longer.
        ordered = np.sort(doc)
        docs = ordered[np.flatnonzero(np.diff(ordered, prepend=-1))]
        index = docs.searchsorted(doc)
    else:
        mask = np.zeros(size, bool)
        mask[doc] = True
        docs = np.flatnonzero(mask)
        position = np.zeros(size, np.int32)
        position[docs] = np.arange(len(docs), dtype=np.int32)
        index = position[doc]
    best, every, start = np.zeros(len(docs)), np.zeros(len(docs)), 0
    for part, score in alternatives:
        scores = np.bincount(index[start : start + len(part)], score, len(docs))
        np.maximum(best, scores, out=best)
        every += scores
        start += len(part)
    return docs.astype(np.int32), best + OTHERS_SHARE * (every - best)
