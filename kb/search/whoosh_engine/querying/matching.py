"""Matching: the documents that match a leaf, by any of its terms and phrases, with their scores."""

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
"""How much the alternatives of a word count besides the one that matches a document best."""

_SPARSE_RATIO = 64
"""A word with fewer postings than one in so many documents is scored by its postings alone."""


def match_leaf(view: View, leaf: Leaf) -> Matches:
    """The documents that match a leaf, with its scores."""
    key = (view.audiences, leaf)
    return view.snapshot.matches.get_or_create(key, lambda: _matches(view, leaf), nbytes)


def match_own(view: View, leaf: Leaf) -> Matches:
    """The documents that match a leaf, other than by what stands for it in another language or script."""
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
    """The scores of each alternative of a leaf: the documents, which may repeat, and their scores."""
    found = [(scored.doc, scored.score * weight) for _, weight, scored in scored_terms(view, leaf, at_least)]
    for phrase in leaf.phrases:
        parts = list(_phrase_parts(view, leaf, phrase, at_least))
        if parts:
            found.append(
                (np.concatenate([doc for doc, _ in parts]), np.concatenate([score for _, score in parts]))
            )
    return [(doc, score) for doc, score in found if len(doc)]


def _phrase_parts(
    view: View, leaf: Leaf, phrase: MultiPhrase, at_least: DocFreq | None
) -> Iterator[tuple[Array, Array]]:
    floor = None if phrase.weight >= 1.0 else at_least
    for field in range(FIELD_COUNT) if leaf.field is None else [leaf.field]:
        yield from _phrase_in_field(view, phrase, field, floor)


def typed_frequency(view: View, leaf: Leaf) -> DocFreq | None:
    """In how many documents a word or phrase occurs as it was typed, by field.

    What else stands for it counts as no rarer, so that what was typed comes first. None for a leaf of nothing
    else, and if nothing has what was typed.
    """
    if not leaf.phrases and leaf.foreign is None and all(weight >= 1.0 for _, weight in leaf.terms):
        return None
    frequencies = [
        view.term_scores(term, leaf.field).doc_freq for term, weight in leaf.terms if weight >= 1.0
    ]
    for phrase in leaf.phrases:
        if phrase.weight >= 1.0:
            docs = [doc for doc, _ in _phrase_parts(view, leaf, phrase, None)]
            count = len(np.unique(np.concatenate(docs))) if docs else 0
            frequencies.append([count] * FIELD_COUNT)
    typed = [max(counts) for counts in zip(*frequencies, strict=True)] if frequencies else []
    return typed if any(typed) else None


def scored_terms(view: View, leaf: Leaf, at_least: DocFreq | None) -> Iterator[tuple[str, float, TermScores]]:
    """The terms of a leaf with their weights and scores."""
    for term, weight in leaf.terms:
        yield term, weight, view.term_scores(term, leaf.field, None if weight >= 1.0 else at_least)


def _phrase_in_field(
    view: View, phrase: MultiPhrase, field: int, at_least: DocFreq | None
) -> Iterator[tuple[Array, Array]]:
    """The scores of a phrase: those of its terms in the field, where their positions follow each other."""
    docs = docs_of_phrase(view, phrase, field)
    if len(docs):
        for _, weight, found in phrase_terms(view, phrase, field, at_least):
            inside = np.isin(found.doc, docs, assume_unique=True)
            yield found.doc[inside], found.score[inside] * weight * phrase.weight


def docs_of_phrase(view: View, phrase: MultiPhrase, field: int) -> Array:
    """The documents with a phrase in a field, ascending; also those that may not be seen."""
    key = ("phrase", phrase.positions, field)
    return view.snapshot.masks.get_or_create(key, lambda: _docs_of_phrase(view, phrase, field), nbytes)


def has_phrase(view: View, phrase: MultiPhrase) -> bool:
    """Whether a document that may be seen has a phrase in any field."""
    fields = range(FIELD_COUNT)
    return any(np.any(view.visible_docs[docs_of_phrase(view, phrase, field)]) for field in fields)


def _docs_of_phrase(view: View, phrase: MultiPhrase, field: int) -> Array:
    ends: Array | None = None
    for terms in phrase.positions:
        here = np.sort(np.concatenate([view.positions(term, field) for term, _ in terms]))
        ends = here if ends is None else np.intersect1d(ends + 1, here, assume_unique=True)
        if not len(ends):
            break
    return np.zeros(0, np.int64) if ends is None else np.unique(ends >> 32)


def phrase_terms(
    view: View, phrase: MultiPhrase, field: int, at_least: DocFreq | None
) -> Iterator[tuple[str, float, TermScores]]:
    """The terms of a phrase with their weights and scores; a variant counts as no rarer than its word."""
    for terms in phrase.positions:
        typed = at_least
        for term, weight in terms:
            found = view.term_scores(term, field, typed)
            if weight >= 1.0 and any(found.doc_freq):
                typed = found.doc_freq if typed is None else list(map(max, typed, found.doc_freq))
            yield term, weight, found


def _best(view: View, alternatives: Sequence[tuple[Array, Array]]) -> Matches:
    """The documents of any alternative of a leaf, each with the score of the one that matches it best.

    The alternatives are different ways to say one thing: of the others, only a share is added.
    """
    size = view.snapshot.size
    return matches_of_docs(size, *best_alternative(size, alternatives, others_share=OTHERS_SHARE))


def best_alternative(
    size: int, alternatives: Sequence[tuple[Array, Array]], *, others_share: float = 0.0
) -> tuple[Array, Array]:
    """The documents of any alternative, ascending, each with its highest score and a share of the others.

    An alternative is documents, which may repeat, with scores, which are added up. `size` is of the index.
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
    return docs.astype(np.int32), best + others_share * (every - best)
