"""Whoosh's own exhaustive search over the same index, to compare ours with.

It scores document by document, posting by posting, through Whoosh's matchers. Its statistics are taken from
the documents that the caller may see, as ours are.
"""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path
from typing import Any

from whoosh import query as wq
from whoosh.reading import MultiReader, SegmentReader
from whoosh.scoring import BM25F, BM25FScorer, WeightScorer
from whoosh.searching import Searcher

from kb.search.analysis import query_terms
from kb.search.engine import TEXT_WEIGHTS
from kb.search.query import DateCondition, Group, Node, Phrase, SearchQuery, TermCondition, Word, is_condition
from kb.search.whoosh_engine.querying.ranking import SATURATION_PIVOT
from kb.search.whoosh_engine.querying.view import K1, B
from kb.search.whoosh_engine.store.schema import schema
from kb.search.whoosh_engine.store.storage import DurableStorage
from kb.search.whoosh_engine.store.writer import read_entries
from tests.search.whoosh_engine.reading_codec import ReadingCodec


class _Visible(BM25F):
    """BM25F with the statistics of some documents instead of all, computed once for each term and field."""

    def __init__(self, visible: frozenset[int]) -> None:
        super().__init__(B=B, K1=K1)
        self._visible = visible
        self._idf: dict[tuple[str, Any], float] = {}
        self._average_length: dict[str, float] = {}

    def idf(self, searcher: Any, fieldname: str, text: Any) -> float:
        if (term := (fieldname, text)) not in self._idf:
            reader = searcher.reader()
            found = set(reader.postings(*term).all_ids()) if term in reader else set()
            self._idf[term] = math.log(max(1, len(self._visible)) / (len(found & self._visible) + 1)) + 1
        return self._idf[term]

    def average_length(self, searcher: Any, fieldname: str) -> float:
        if fieldname not in self._average_length:
            total = sum(searcher.reader().doc_field_length(doc, fieldname, 0) for doc in self._visible)
            self._average_length[fieldname] = (total / max(1, len(self._visible))) or 1
        return self._average_length[fieldname]

    def scorer(self, searcher: Any, fieldname: str, text: Any, qf: int = 1) -> Any:
        if not searcher.schema[fieldname].scorable:
            return WeightScorer.for_(searcher, fieldname, text)
        scorer = BM25FScorer(searcher, fieldname, text, self.B, self.K1, qf=qf)
        parent = searcher.get_parent()
        scorer.idf = self.idf(parent, fieldname, text)
        scorer.avgfl = self.average_length(parent, fieldname)
        return scorer


class Oracle:
    """One state of an index, as Whoosh reads it."""

    def __init__(self, index: Path, documents: dict[int, Any]) -> None:
        (folder,) = index.glob("build-*")
        storage = DurableStorage(folder)
        segments = [
            SegmentReader(storage, schema(), entry, codec=ReadingCodec()) for entry in read_entries(storage)
        ]
        self._searcher = Searcher(MultiReader(segments))
        self._ids = {
            doc: self._searcher.stored_fields(doc)["id"]
            for doc in self._searcher.reader().all_doc_ids()
            if self._searcher.stored_fields(doc)["id"]
        }
        self._documents = documents
        self._weightings: dict[frozenset[int], _Visible] = {}
        self._results: dict[tuple[Node, frozenset[int], frozenset[int]], dict[int, float]] = {}

    def search(self, query: SearchQuery) -> tuple[list[int], int]:
        """The ids of a page in order, and the total; boosts and corrections are left out."""
        visible = frozenset(
            doc
            for doc, number in self._ids.items()
            if query.audiences is None or query.audiences & set(self._documents[number].audiences)
        )
        statuses = query.filter.statuses
        allowed = frozenset(doc for doc in visible if self._documents[self._ids[doc]].status in statuses)
        matched = set(self._run(query.root, visible, allowed))
        scores: dict[int, float] = defaultdict(float)
        cover: dict[int, int] = defaultdict(int)
        for clause in (*query.root.must, *query.root.should):
            for doc, score in self._scores(clause, visible).items():
                scores[doc] += score
                cover[doc] += 1
        well_matched = self._well_matched(query.root, visible)
        ranked = sorted(
            matched,
            key=lambda doc: (
                doc not in well_matched,
                -round(cover[doc] + scores[doc] / (scores[doc] + SATURATION_PIVOT), 9),
                -self._documents[self._ids[doc]].first_day.toordinal(),
                self._ids[doc],
            ),
        )
        page = ranked[query.offset : query.offset + query.limit]
        return [self._ids[doc] for doc in page], len(ranked)

    def _well_matched(self, root: Group, visible: frozenset[int]) -> set[int]:
        """The documents that match clauses of more than half of the weight of all; conditions have none."""
        words = [*(clause for clause in root.must if not is_condition(clause)), *root.should]
        matches = [set(self._run(word, visible, visible)) for word in words]
        if len(words) < 2:
            return set(visible)
        weights = [math.log(1 + len(visible) / len(found)) if found else 0.0 for found in matches]
        whole = sum(weights) / max(1, len([*filter(None, matches)])) * len(words)
        weight: dict[int, float] = defaultdict(float)
        for found, share in zip(matches, weights, strict=True):
            for doc in found:
                weight[doc] += share
        return {doc for doc, value in weight.items() if value > whole / 2 + 1e-9}

    def _scores(self, clause: Node, visible: frozenset[int]) -> dict[int, float]:
        found = self._run(clause, visible, visible)
        if isinstance(clause, Group):
            scores = dict.fromkeys(found, 0.0)
            for inner in (*clause.must, *clause.should):
                for doc, score in self._scores(inner, visible).items():
                    if doc in scores:
                        scores[doc] += score
            return scores
        return dict.fromkeys(found, 0.0) if isinstance(clause, (TermCondition, DateCondition)) else found

    def _run(self, node: Node, visible: frozenset[int], allowed: frozenset[int]) -> dict[int, float]:
        """What Whoosh gives for a node as one query: the documents and their scores."""
        if not allowed:
            return {}
        key = node, visible, allowed
        if key not in self._results:
            if visible not in self._weightings:
                self._weightings[visible] = _Visible(visible)
            self._searcher.weighting = self._weightings[visible]
            hits = self._searcher.search(_leaf(node), limit=None, filter=set(allowed)).top_n
            self._results[key] = {doc: score for score, doc in hits}
        return self._results[key]


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
