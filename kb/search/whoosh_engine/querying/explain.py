"""Explain scores: what each term in each field, and each boost, contributes."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kb.search.whoosh_engine.format.layout import INDEXED_TEXT_FIELDS, is_keyword_term
from kb.search.whoosh_engine.querying.clauses import leaves
from kb.search.whoosh_engine.querying.evidence import evidence_of_leaf
from kb.search.whoosh_engine.querying.matching import (
    OTHERS_SHARE,
    field_docs_of_phrase,
    match_leaf,
    phrase_terms,
    postings_in,
    scored_terms,
    typed_frequency,
)
from kb.search.whoosh_engine.querying.ranking import SATURATION_PIVOT
from kb.search.whoosh_engine.querying.sentence_scoring import evidence_of_concept

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kb.search.whoosh_engine.format.arrays import Array
    from kb.search.whoosh_engine.querying.clauses import Clauses, Leaf, MultiPhrase
    from kb.search.whoosh_engine.querying.view import DocFreq, TermScores, View


MAX_TERMS = 50
"""Maximum number of terms in an explanation, the ones that contribute most."""


class _Part(NamedTuple):
    """What a term contributes to some documents, as parallel arrays. `way` is the index of the alternative
    for its word that the term belongs to; `position` is the index of a document among the explained ones.
    """

    way: int
    term: int
    position: Array
    field: Array
    value: Array


class _Term(NamedTuple):
    """A term with its weight, and what it contributes to some documents, as in `_Part`."""

    term: str
    weight: float
    position: Array
    field: Array
    value: Array


class Explainer:
    """Explains the scores of documents. The terms of the query are read once for all of them."""

    def __init__(self, view: View, clauses: Clauses, factors: dict[str, Any], docs: Array) -> None:
        self._view, self._factors, self._docs = view, factors, docs.tolist()
        self._positions = np.full(view.snapshot.size, -1)
        self._positions[docs] = np.arange(len(docs))
        self._explained = self._positions >= 0
        self._words = list(leaves(clauses))
        self._leaves = [*self._words, *clauses.concepts]
        self._evidence = None  # the evidence that ranks a sentence
        if clauses.is_sentence:
            self._evidence = [
                *(evidence_of_leaf(view, leaf) for leaf in self._words),
                *(evidence_of_concept(view, leaf) for leaf in clauses.concepts),
            ]
        self._terms: list[tuple[str, str, float]] = []  # (word, term, weight)
        self._sides: list[int] = []  # by way: twice the index of its leaf, plus 1 if it is foreign
        self._phrases: dict[Any, list[_Term]] = {}  # both leaves of a compound have its phrase
        parts = [part for number, leaf in enumerate(self._leaves) for part in self._parts(number, leaf)]
        self._rows = self._contributions(parts)

    def explanations(self) -> Iterator[dict[str, Any]]:
        """Yield the words that each document matches, and the shares of terms by field and of boosts."""
        found = [(leaf.text, match_leaf(self._view, leaf)) for leaf in self._words]
        position, term, field, value = self._rows
        bounds = np.searchsorted(position, np.arange(len(self._docs) + 1)).tolist()
        for doc, start, stop in zip(self._docs, bounds, bounds[1:], strict=False):
            total = float(value[start:stop].sum())
            shown = np.arange(start, stop)
            if stop - start > MAX_TERMS:
                shown = np.sort(start + np.argsort(-value[start:stop], kind="stable")[:MAX_TERMS])
            factors = {name: round(float(values[doc]), 6) for name, values in self._factors.items()}
            boosted = total * prod(factors.values())
            yield {
                "words": list(dict.fromkeys(text for text, matches in found if matches.has(doc))),
                "relevance": round(boosted, 6),
                "relevance_score": round(boosted / (boosted + SATURATION_PIVOT), 6),
                "terms": [
                    self._row(*row, total)
                    for row in zip(
                        term[shown].tolist(), field[shown].tolist(), value[shown].tolist(), strict=True
                    )
                ],
                "boosts": [{"name": name, "factor": factor} for name, factor in factors.items()],
            }

    def _row(self, number: int, field: int, value: float, total: float) -> dict[str, Any]:
        word, term, weight = self._terms[number]
        if is_keyword_term(term):
            _, name, term = term.split("\0")
        else:
            name = INDEXED_TEXT_FIELDS[field]
        return {
            "word": word,
            "term": term,
            "field": name,
            "weight": weight,
            "value": round(value, 6),
            "share": round(value / total, 6),
        }

    def _contributions(self, parts: Sequence[_Part]) -> tuple[Array, Array, Array, Array]:
        """The contributions that count, as arrays of position, term, field and value, sorted by position.

        Of the alternatives for a word, the one that matches a document best counts in full, the others by
        OTHERS_SHARE. Only those in its own language count, or only the foreign ones.
        """
        none = np.zeros(0, np.int64)
        position = np.concatenate([none, *(part.position for part in parts)])
        field = np.concatenate([none, *(part.field for part in parts)])
        value = np.concatenate([np.zeros(0), *(part.value for part in parts)])
        sizes = [len(part.position) for part in parts]
        way = np.repeat(np.array([part.way for part in parts], np.int64), sizes)
        term = np.repeat(np.array([part.term for part in parts], np.int64), sizes)
        width, sides = max(len(self._docs), 1), np.array(self._sides, np.int64)
        of_way = np.bincount(way * width + position, value, len(sides) * width).reshape(-1, width)
        best = np.zeros((2 * len(self._leaves), width))
        np.maximum.at(best, sides, of_way)
        is_best = np.zeros_like(of_way, bool)
        taken = np.zeros_like(best, bool)
        for number, side in enumerate(self._sides):  # ties go to the first
            is_best[number] = (of_way[number] == best[side]) & ~taken[side]
            taken[side] |= is_best[number]
        value *= np.where(is_best[way, position], 1.0, OTHERS_SHARE)
        side_of = sides[way] if len(sides) else way
        of_side = np.bincount(side_of * width + position, value, 2 * len(self._leaves) * width).reshape(
            -1, width
        )
        is_foreign = of_side[1::2] > of_side[::2]
        order = np.flatnonzero(is_foreign[side_of // 2, position] == side_of % 2)
        order = order[np.argsort(position[order], kind="stable")]
        if self._evidence is not None:
            value *= self._worth_per_score(
                side_of // 2, position, value * np.isin(np.arange(len(value)), order)
            )
        return position[order], term[order], field[order], value[order]

    def _worth_per_score(self, leaf: Array, position: Array, value: Array) -> Array:
        """The factor that scales the contributions of a leaf so that they add up to its evidence in a
        sentence.
        """
        assert self._evidence is not None
        docs, width = np.array(self._docs, np.int64), max(len(self._docs), 1)
        worth = np.zeros((len(self._leaves), width))
        for number, matches in enumerate(self._evidence):
            worth[number, : len(docs)] = matches.scores_of(docs)
        score = np.bincount(leaf * width + position, value, len(self._leaves) * width).reshape(-1, width)
        factors: Array = (worth / np.where(score, score, 1.0))[leaf, position]
        return factors

    def _parts(self, number: int, leaf: Leaf) -> Iterator[_Part]:
        """Yield what the terms of a leaf contribute, in its own language and in others."""
        at_least = typed_frequency(self._view, leaf)
        yield from self._alternatives(2 * number, leaf, at_least)
        if leaf.foreign is not None:
            yield from self._alternatives(2 * number + 1, leaf.foreign, at_least)

    def _alternatives(self, side: int, leaf: Leaf, at_least: DocFreq | None) -> Iterator[_Part]:
        for term, weight, found in scored_terms(self._view, leaf, at_least, self._explained):
            self._sides.append(side)
            yield self._part(leaf, self._term(term, weight, found))
        for phrase in leaf.phrases:
            self._sides.append(side)
            floor = None if phrase.weight >= 1.0 else at_least
            key = (phrase, leaf.field, floor and tuple(floor))
            if key not in self._phrases:
                self._phrases[key] = [*self._phrase(leaf, phrase, floor)]
            for scored in self._phrases[key]:
                yield self._part(leaf, scored)

    def _phrase(self, leaf: Leaf, phrase: MultiPhrase, at_least: DocFreq | None) -> Iterator[_Term]:
        field_docs = field_docs_of_phrase(self._view, phrase, leaf.field)
        field_docs = field_docs[self._explained[field_docs % self._view.snapshot.size]]
        if len(field_docs):
            for term, weight, found in phrase_terms(
                self._view, phrase, leaf.field, at_least, self._explained
            ):
                rows = postings_in(self._view, found, field_docs)
                yield self._term(term, weight * phrase.weight, found, rows)

    def _term(self, term: str, weight: float, found: TermScores, rows: Array | slice = slice(None)) -> _Term:
        """What a term contributes to the explained documents, or only by some of its postings."""
        positions = self._positions[found.doc[rows]]
        return _Term(term, weight, positions, found.field[rows], found.score[rows] * weight)

    def _part(self, leaf: Leaf, scored: _Term) -> _Part:
        term, weight, *arrays = scored
        self._terms.append((leaf.text, term, weight))
        return _Part(len(self._sides) - 1, len(self._terms) - 1, *arrays)
