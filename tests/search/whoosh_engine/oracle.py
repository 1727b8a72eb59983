"""Whoosh's own exhaustive search over the same index, as a judge of ours.

It scores document by document, posting by posting, through Whoosh's matchers. Its statistics are taken from
the documents that the caller may see, as ours are.
"""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path
from typing import Any

from whoosh import query as wq
from whoosh.index import FileIndex
from whoosh.scoring import BM25F, BM25FScorer, WeightScorer

from kb.search.analysis import query_terms
from kb.search.engine import TEXT_WEIGHTS
from kb.search.query import DateCondition, Group, Phrase, SearchQuery, TermCondition, Word, is_condition
from kb.search.whoosh_engine.querying.ranking import SATURATION_PIVOT
from kb.search.whoosh_engine.querying.view import K1, B
from kb.search.whoosh_engine.store.schema import schema
from kb.search.whoosh_engine.store.storage import DurableStorage


class _Visible(BM25F):
    """BM25F with the statistics of some documents instead of all."""

    def __init__(self, visible: set[int]) -> None:
        super().__init__(B=B, K1=K1)
        self._visible = visible

    def idf(self, searcher: Any, fieldname: str, text: Any) -> float:
        reader = searcher.reader()
        found = set(reader.postings(fieldname, text).all_ids()) if (fieldname, text) in reader else set()
        return math.log(max(1, len(self._visible)) / (len(found & self._visible) + 1)) + 1

    def scorer(self, searcher: Any, fieldname: str, text: Any, qf: int = 1) -> Any:
        if not searcher.schema[fieldname].scorable:
            return WeightScorer.for_(searcher, fieldname, text)
        scorer = BM25FScorer(searcher, fieldname, text, self.B, self.K1, qf=qf)
        parent = searcher.get_parent()
        scorer.idf = self.idf(parent, fieldname, text)
        total = sum(parent.reader().doc_field_length(doc, fieldname, 0) for doc in self._visible)
        scorer.avgfl = (total / max(1, len(self._visible))) or 1
        return scorer


class Oracle:
    """One state of an index, as Whoosh reads it."""

    def __init__(self, index: Path, documents: dict[int, Any]) -> None:
        (folder,) = index.glob("build-*")
        self._searcher = FileIndex(DurableStorage(folder), schema(), "MAIN").searcher()
        self._ids = {
            doc: self._searcher.stored_fields(doc)["id"]
            for doc in self._searcher.reader().all_doc_ids()
            if self._searcher.stored_fields(doc)["id"]
        }
        self._documents = documents

    def search(self, query: SearchQuery) -> tuple[list[int], int]:
        """The ids of a page in order, and the total; boosts and corrections are left out."""
        visible = {
            doc
            for doc, number in self._ids.items()
            if query.audiences is None or query.audiences & set(self._documents[number].audiences)
        }
        self._searcher.weighting = _Visible(visible)
        allowed = {doc for doc in visible if self._documents[self._ids[doc]].status in query.filter.statuses}
        matched = self._matched(query.root, allowed)
        scores: dict[int, float] = defaultdict(float)
        cover: dict[int, int] = defaultdict(int)
        for clause in (*query.root.must, *query.root.should):
            for doc, score in self._scores(clause, visible).items():
                scores[doc] += score
                cover[doc] += 1
        ranked = sorted(
            matched,
            key=lambda doc: (
                -round(cover[doc] + scores[doc] / (scores[doc] + SATURATION_PIVOT), 9),
                -self._documents[self._ids[doc]].first_day.toordinal(),
                self._ids[doc],
            ),
        )
        page = ranked[query.offset : query.offset + query.limit]
        return [self._ids[doc] for doc in page], len(ranked)

    def _matched(self, group: Group, allowed: set[int]) -> set[int]:
        """The documents that Whoosh gives for the whole query, as one."""
        return set(self._run(_whole(group), allowed)) if allowed else set()

    def _scores(self, clause: Any, visible: set[int]) -> dict[int, float]:
        if isinstance(clause, Group):
            docs = self._matched(clause, visible)
            scores: dict[int, float] = dict.fromkeys(docs, 0.0)
            for inner in (*clause.must, *clause.should):
                for doc, score in self._scores(inner, visible).items():
                    if doc in docs:
                        scores[doc] += score
            return scores
        found = self._run(_leaf(clause), visible) if visible else {}
        return dict.fromkeys(found, 0.0) if isinstance(clause, (TermCondition, DateCondition)) else found

    def _run(self, query: Any, allowed: set[int]) -> dict[int, float]:
        return {doc: score for score, doc in self._searcher.search(query, limit=None, filter=allowed).top_n}


def _whole(group: Group) -> Any:
    parts: list[Any] = [_leaf(node) for node in group.must]
    if group.should and all(map(is_condition, group.must)):
        parts.append(wq.Or([_leaf(node) for node in group.should]))
    parts = parts or [wq.Every()]
    return wq.And([*parts, *(wq.Not(_leaf(node)) for node in group.must_not)])


def _leaf(node: Any) -> Any:
    if isinstance(node, Group):
        return _whole(node)
    if isinstance(node, TermCondition):
        return wq.Term(f"term_{node.namespace}", node.key)
    fields = [node.field] if node.field else list(TEXT_WEIGHTS)
    if isinstance(node, Word):
        return wq.Or(
            [
                wq.Term(f"text_{name}", term, boost=TEXT_WEIGHTS[name])
                for name in fields
                for term in query_terms(node.text, ["en"])
            ]
        )
    assert isinstance(node, Phrase)
    words = [term for word in node.words for term in query_terms(word, ["en"])]
    return wq.Or([wq.Phrase(f"text_{name}", words, boost=TEXT_WEIGHTS[name]) for name in fields])
