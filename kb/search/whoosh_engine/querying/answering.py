"""The answers to searches, from one state of the index."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from kb.search.analysis import informative_terms, query_terms, tokens
from kb.search.engine import Hit, ResultPage
from kb.search.highlight import HighlightTerms
from kb.search.query import Group, Phrase, Word
from kb.search.whoosh_engine.format.layout import TEXT_FIELDS
from kb.search.whoosh_engine.querying.plan import Clauses, Leaf, Planner, Run, leaves
from kb.search.whoosh_engine.querying.ranking import HALF, boost_factors, match_leaf, rank
from kb.search.whoosh_engine.querying.view import view_of
from kb.search.whoosh_engine.querying.vocabulary import completions, similar_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kb.search.query import Node, SearchQuery
    from kb.search.synonyms import Synonyms
    from kb.search.whoosh_engine.querying.ranking import Ranked
    from kb.search.whoosh_engine.querying.snapshot import Snapshot
    from kb.search.whoosh_engine.querying.view import View

_SIMILAR_TERMS = 25
"""By how many of its most telling words others like an incident are looked for."""

_MOST_LOOKED_AT = 100
"""In how many documents a form is looked for before it counts as one that nobody may see."""


def answer(snapshot: Snapshot, query: SearchQuery, synonyms: Synonyms | None) -> ResultPage:
    """The page of a query; where a word is unknown and another is near, that of the corrected query."""
    view = view_of(snapshot, query.audiences)
    planner = Planner(snapshot, synonyms)
    clauses = planner.plan(query.root)
    corrected = None
    unknown = [leaf.text for leaf in leaves(clauses) if not match_leaf(view, leaf).total]
    if query.correct and unknown:
        corrected = _corrected(query.root, _corrections(view, planner, unknown))
        if corrected is not None:
            clauses = planner.plan(corrected)
    factors = boost_factors(view, query.boosts, query.today)
    boost = None
    for factor in factors.values():
        boost = factor if boost is None else boost * factor
    allowed = view.passing(query.filter)
    ranked = rank(view, clauses, allowed, boost, offset=query.offset, limit=query.limit)
    hits = _hits(snapshot, ranked)
    if query.explain:
        explainer = _Explainer(view, clauses, factors)
        pairs = zip(hits, ranked.docs.tolist(), strict=True)
        hits = [hit._replace(explanation=explainer.explanation(doc)) for hit, doc in pairs]
    return ResultPage(
        position=snapshot.position,
        total=ranked.total,
        hits=tuple(hits),
        facets={namespace: _facet(snapshot, namespace, ranked.matched) for namespace in query.facets},
        highlight_terms=_highlight_terms(snapshot, clauses),
        corrected=corrected,
    )


def similar(
    snapshot: Snapshot, incident_id: int, texts: Iterable[tuple[str, str]], query: SearchQuery
) -> ResultPage:
    """The documents that share the most telling words of one, itself left out; each hit with those words.

    `incident_id` is 0 for texts that are in no document yet.
    """
    view = view_of(snapshot, query.audiences)
    counts: Counter[str] = Counter()
    # Each is shown as the incident itself writes it: other forms may stand in hidden ones only.
    written: dict[str, str] = {}
    for language, text in texts:
        for term, start, end in tokens(text, language):
            counts[term] += 1
            written.setdefault(term, text[start:end].casefold())
    idle = frozenset(counts) - informative_terms(frozenset(counts), snapshot.languages)
    weighted: list[tuple[float, str]] = []
    for term, count in counts.items():
        if term in idle or len(term) < 2:
            continue
        found = match_leaf(view, _leaf(term)).total
        if found > (1 if incident_id else 0):
            weighted.append((count**0.5 * float(np.log(view.count / found)), term))
    best = [term for weight, term in sorted(weighted, reverse=True)[:_SIMILAR_TERMS] if weight > 0]
    allowed = view.passing(query.filter) & (snapshot.ids != incident_id)
    found_by = [(term, match_leaf(view, _leaf(term))) for term in best]
    if not best:
        return ResultPage(position=snapshot.position, total=0, hits=())
    # One clause: who shares many words comes first by their weight, not by their number.
    clauses = Clauses(must=(Clauses(should=tuple(_leaf(term) for term in best)),))
    ranked = rank(view, clauses, allowed, None, offset=query.offset, limit=query.limit)
    hits = []
    for hit, doc in zip(_hits(snapshot, ranked), ranked.docs.tolist(), strict=True):
        shared = [term for term, found in found_by if found.has(doc)]
        hits.append(hit._replace(shared_words=tuple(written[term] for term in shared)))
    return ResultPage(position=snapshot.position, total=ranked.total, hits=tuple(hits))


def suggest(snapshot: Snapshot, words: Sequence[str], query: SearchQuery) -> ResultPage:
    """Documents whose title or organization has all these words, the last of them as a beginning."""
    view = view_of(snapshot, query.audiences)
    languages = snapshot.languages or ("en",)
    places = [query_terms(word, languages) for word in words[:-1]]
    places.append(completions(snapshot.segments, words[-1].casefold()) | query_terms(words[-1], languages))
    clauses = Clauses(
        must=tuple(_either_name(tuple((term, 1.0) for term in sorted(place))) for place in places)
    )
    ranked = rank(view, clauses, view.passing(query.filter), None, offset=0, limit=query.limit)
    return ResultPage(position=snapshot.position, total=ranked.total, hits=tuple(_hits(snapshot, ranked)))


def _hits(snapshot: Snapshot, ranked: Ranked) -> list[Hit]:
    stored = map(snapshot.stored, ranked.docs.tolist())
    return list(map(Hit, snapshot.ids[ranked.docs].tolist(), ranked.scores.tolist(), stored))


def _either_name(weighted: tuple[tuple[str, float], ...]) -> Clauses:
    names = ("title", "organization")
    return Clauses(should=tuple(Leaf("", TEXT_FIELDS.index(name), weighted) for name in names))


def _leaf(term: str) -> Leaf:
    return Leaf(term, None, ((term, 1.0),))


def _facet(snapshot: Snapshot, namespace: str, matched: Any) -> tuple[tuple[str, int], ...]:
    if namespace not in snapshot.facets:
        snapshot.facets[namespace] = snapshot.facet(namespace)
    keys, docs, numbers = snapshot.facets[namespace]
    counts = np.bincount(numbers[matched[docs]], minlength=len(keys)).tolist()
    found = [(key, count) for key, count in zip(keys, counts, strict=True) if count]
    return tuple(sorted(found, key=lambda pair: (-pair[1], pair[0])))


def _highlight_terms(snapshot: Snapshot, clauses: Clauses) -> HighlightTerms:
    """What highlights mark: the terms of words anywhere, those of phrases where they are adjacent."""
    terms: set[str] = set()
    phrases: list[tuple[frozenset[str], ...]] = []
    for leaf in leaves(clauses):
        terms.update(term for term, _ in leaf.terms)
        phrases += [tuple(frozenset(term for term, _ in place) for place in run.places) for run in leaf.runs]
    surface_forms: dict[str, set[str]] = {}
    for term in terms.union(*(position for phrase in phrases for position in phrase)):
        for form in snapshot.forms(term):
            surface_forms.setdefault(form, set()).add(term)
    return HighlightTerms(
        frozenset(terms),
        tuple(phrases),
        {form: frozenset(found) for form, found in surface_forms.items()},
    )


def _corrections(view: View, planner: Planner, unknown: Iterable[str]) -> dict[str, str]:
    """By word that nothing visible has, the nearest word that something visible has."""
    found = {}
    for text in unknown:
        for word in text.split():
            if any(
                match_leaf(view, leaf).total for leaf in leaves(planner.plan(Group(should=(Word(word),))))
            ):
                continue
            folded = word.casefold()
            for near, term in similar_words(view.snapshot.segments, folded):
                if near != folded and _is_shown(view, term, near):
                    found[word] = near
                    break
    return found


def _is_shown(view: View, term: str, form: str) -> bool:
    """Whether something that may be seen has a term, and has it in this form of all that it stands for."""
    found = match_leaf(view, _leaf(term))
    if not found.total:
        return False
    docs = np.unique(view.snapshot.docs_with(term))
    if len(docs) == found.total:
        return True
    # Forms are kept by term. Where others have it too, or had it, their form must not be told.
    visible = docs[found.mask[docs]][:_MOST_LOOKED_AT].tolist()
    return any(view.snapshot.has_form(doc, form) for doc in visible)


def _corrected(root: Group, corrections: dict[str, str]) -> Group | None:
    def mend(node: Node) -> Node:
        if isinstance(node, Word):
            return Word(corrections.get(node.text, node.text), node.field)
        if isinstance(node, Phrase):
            return Phrase(tuple(corrections.get(word, word) for word in node.words), node.field)
        if isinstance(node, Group):
            return Group(
                tuple(map(mend, node.must)), tuple(map(mend, node.should)), tuple(map(mend, node.must_not))
            )
        return node

    if not corrections:
        return None
    mended = mend(root)
    assert isinstance(mended, Group)
    return mended


class _Explainer:
    """Tells what each term and boost adds to a score."""

    def __init__(self, view: View, clauses: Clauses, factors: dict[str, Any]) -> None:
        self._view, self._factors = view, factors
        self._leaves = list(leaves(clauses))

    def explanation(self, doc: int) -> dict[str, Any]:
        """The shares of one document: the words it matches, each term in each field, each boost."""
        rows = [row for leaf in self._leaves for row in self._leaf(leaf, doc)]
        total = sum(row["value"] for row in rows)
        factors = {name: round(float(values[doc]), 6) for name, values in self._factors.items()}
        boosted = total
        for factor in factors.values():
            boosted *= factor
        return {
            "words": [leaf.text for leaf in self._leaves if match_leaf(self._view, leaf).has(doc)],
            "relevance": round(boosted, 6),
            "relevance_score": round(boosted / (boosted + HALF), 6),
            "terms": [
                {**row, "value": round(row["value"], 6), "share": round(row["value"] / total, 6)}
                for row in rows
            ],
            "boosts": [{"name": name, "factor": factor} for name, factor in factors.items()],
        }

    def _leaf(self, leaf: Leaf, doc: int) -> list[dict[str, Any]]:
        rows = self._terms(leaf, leaf.terms, leaf.field, doc, 1.0)
        for run in leaf.runs:
            if match_leaf(self._view, Leaf(leaf.text, leaf.field, (), (run,))).has(doc):
                rows += self._run(leaf, run, doc)
        return rows

    def _run(self, leaf: Leaf, run: Run, doc: int) -> list[dict[str, Any]]:
        rows = []
        for field in range(len(TEXT_FIELDS)) if leaf.field is None else [leaf.field]:
            if match_leaf(self._view, Leaf(leaf.text, field, (), (run,))).has(doc):
                weighted = tuple(pair for place in run.places for pair in place)
                rows += self._terms(leaf, weighted, field, doc, run.weight)
        return rows

    def _terms(
        self, leaf: Leaf, weighted: Any, field: int | None, doc: int, factor: float
    ) -> list[dict[str, Any]]:
        rows = []
        for term, weight in weighted:
            found = self._view.contributions(term, field)
            for place in np.flatnonzero(found.doc == doc).tolist():
                value = float(found.score[place]) * weight * factor
                rows.append(
                    {"word": leaf.text, "term": term, "field": TEXT_FIELDS[int(found.field[place])],
                     "weight": weight * factor, "value": value}
                )  # fmt: skip
        return rows
