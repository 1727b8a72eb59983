"""The explanation of a score: what each term in each field, and each boost, contributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kb.search.whoosh_engine.format.layout import INDEXED_TEXT_FIELDS, is_keyword_term
from kb.search.whoosh_engine.querying.clauses import Leaf, leaves
from kb.search.whoosh_engine.querying.matching import (
    OTHERS_SHARE,
    match_leaf,
    phrase_terms,
    scored_terms,
    typed_frequency,
)
from kb.search.whoosh_engine.querying.ranking import SATURATION_PIVOT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kb.search.whoosh_engine.querying.clauses import Clauses, MultiPhrase
    from kb.search.whoosh_engine.querying.view import DocFreq, TermScores, View


class Explainer:
    """Explains the scores of one query's hits."""

    def __init__(self, view: View, clauses: Clauses, factors: dict[str, Any]) -> None:
        self._view, self._factors = view, factors
        self._leaves = list(leaves(clauses))

    def explanation(self, doc: int) -> dict[str, Any]:
        """The words that a document matches, and the share of each term in each field and of each boost."""
        rows = [row for leaf in self._leaves for row in self._leaf(leaf, doc)]
        total = sum(row["value"] for row in rows)
        factors = {name: round(float(values[doc]), 6) for name, values in self._factors.items()}
        boosted = total
        for factor in factors.values():
            boosted *= factor
        return {
            "words": list(
                dict.fromkeys(leaf.text for leaf in self._leaves if match_leaf(self._view, leaf).has(doc))
            ),
            "relevance": round(boosted, 6),
            "relevance_score": round(boosted / (boosted + SATURATION_PIVOT), 6),
            "terms": [
                {**row, "value": round(row["value"], 6), "share": round(row["value"] / total, 6)}
                for row in rows
            ],
            "boosts": [{"name": name, "factor": factor} for name, factor in factors.items()],
        }

    def _leaf(self, leaf: Leaf, doc: int) -> list[dict[str, Any]]:
        """The rows of what matches in a leaf: in full those that match best, the others with their share."""
        at_least = typed_frequency(self._view, leaf)
        own = self._shared(self._alternatives(leaf, doc, at_least))
        foreign = self._shared(self._alternatives(leaf.foreign, doc, at_least)) if leaf.foreign else []
        return max(own, foreign, key=_value)

    def _alternatives(self, leaf: Leaf, doc: int, at_least: DocFreq | None) -> list[list[dict[str, Any]]]:
        found = [self._rows(leaf, [scored], doc, 1.0) for scored in scored_terms(self._view, leaf, at_least)]
        found += [
            self._phrase(leaf, phrase, doc, None if phrase.weight >= 1.0 else at_least)
            for phrase in leaf.phrases
            if match_leaf(self._view, Leaf(leaf.text, leaf.field, (), (phrase,))).has(doc)
        ]
        return [rows for rows in found if rows]

    @staticmethod
    def _shared(alternatives: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
        best = max(alternatives, key=_value, default=[])
        return [
            row if rows is best else {**row, "value": row["value"] * OTHERS_SHARE}
            for rows in alternatives
            for row in rows
        ]

    def _phrase(
        self, leaf: Leaf, phrase: MultiPhrase, doc: int, at_least: DocFreq | None
    ) -> list[dict[str, Any]]:
        rows = []
        for field in range(len(INDEXED_TEXT_FIELDS)) if leaf.field is None else [leaf.field]:
            if match_leaf(self._view, Leaf(leaf.text, field, (), (phrase,))).has(doc):
                scored = phrase_terms(self._view, phrase, field, at_least)
                rows += self._rows(leaf, scored, doc, phrase.weight)
        return rows

    def _rows(
        self, leaf: Leaf, scored: Iterable[tuple[str, float, TermScores]], doc: int, factor: float
    ) -> list[dict[str, Any]]:
        rows = []
        for term, weight, found in scored:
            for index in np.flatnonzero(found.doc == doc).tolist():
                value = float(found.score[index]) * weight * factor
                if is_keyword_term(term):
                    _, field, shown = term.split("\0")
                else:
                    field, shown = INDEXED_TEXT_FIELDS[int(found.field[index])], term
                rows.append(
                    {
                        "word": leaf.text,
                        "term": shown,
                        "field": field,
                        "weight": weight * factor,
                        "value": value,
                    }
                )
        return rows


def _value(rows: Iterable[dict[str, Any]]) -> float:
    return float(sum(row["value"] for row in rows))
