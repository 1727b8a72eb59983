"""Evidence: weigh shared words and concepts by rarity, for sentence queries and drafts.

For a sentence, which words an incident shares matters more than how many: a word that nearly every incident
has carries no information, and a concept matches other words for the same thing. Precedents of a draft are
found in the same way.
"""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

import numpy as np

from kb.search.whoosh_engine.format.arrays import nbytes
from kb.search.whoosh_engine.format.layout import INFORMATIVE_FIELDS, keyword_term
from kb.search.whoosh_engine.querying.matches import Matches, matches_of_docs
from kb.search.whoosh_engine.querying.matching import match_leaf
from kb.search.whoosh_engine.querying.view import K1

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.search.whoosh_engine.format.arrays import Array
    from kb.search.whoosh_engine.querying.clauses import Leaf
    from kb.search.whoosh_engine.querying.snapshot import Snapshot
    from kb.search.whoosh_engine.querying.view import View


_WEAK_FIELD_FACTOR = 0.1
"""The factor for a word in an incident that has it only in fields outside `INFORMATIVE_FIELDS`."""


def rarity(view: View, count: int) -> float:
    """The natural logarithm of the ratio of all incidents to `count` incidents; 0 if `count` is 0."""
    return log((view.doc_count + 1) / count) if count else 0.0


def saturate(scores: Array, rarity: float | Array) -> Array:
    """Convert the scores of a word to evidence, at most its rarity; or of many words, each with its rarity.

    It is half of that for a match of average strength in a field of weight 1.
    """
    pivot = 0.5 * (rarity + 1) * (K1 + 1)
    worth: Array = rarity * scores / (scores + pivot)
    return worth


def evidence_of_leaf(view: View, leaf: Leaf) -> Matches:
    """The documents that match a word or phrase, with its evidence in each as the score.

    The evidence is weak if an incident has it only outside `INFORMATIVE_FIELDS`, such as in its sources.
    """

    def make() -> Matches:
        found = match_leaf(view, leaf)
        mask = found.mask
        informative = _informative(view, leaf, mask)
        worth = saturate(found.scores, rarity(view, int(np.count_nonzero(informative)) or found.total))
        factors = np.where(informative, 1.0, _WEAK_FIELD_FACTOR)
        return found._replace(scores=worth * (factors if found.docs is None else factors[found.docs]))

    return view.snapshot.matches.get_or_create(("evidence", view.audiences, leaf), make, nbytes)


def _informative(view: View, leaf: Leaf, matched: Array) -> Array:
    """The mask of the matching documents that have a leaf in one of `INFORMATIVE_FIELDS`."""
    leaves = (leaf, leaf.foreign) if leaf.foreign is not None else (leaf,)
    if any(each.phrases for each in leaves):
        return matched
    terms = (term for each in leaves for term, _ in each.terms)
    informative: Array = matched & view.docs_with_any(terms, INFORMATIVE_FIELDS)
    return informative


def evidence_of_keyword(view: View, field: str, value: str, weight: float) -> Matches:
    """The documents with a value of a keyword field, scored by its rarity times a weight."""
    return evidence_of_keywords(view, field, {value: weight})[0]


def evidence_of_keywords(view: View, field: str, weights: Mapping[str, float]) -> list[Matches]:
    """For each value of a keyword field, the documents with it, scored by its rarity times its weight."""
    terms = [keyword_term(field, value) for value in weights]
    known = view.snapshot.matches.get_each([("precedent", view.audiences, term) for term in terms])
    found = []
    for term, matches, weight in zip(terms, known, weights.values(), strict=True):
        total, size, docs, scores, dense = matches or _kept_keyword_matches(view, term)
        found.append(Matches(total, size, docs, scores * weight, dense))
    return found


def _kept_keyword_matches(view: View, term: str) -> Matches:
    return view.snapshot.matches.get_or_create(
        ("precedent", view.audiences, term), lambda: _keyword_matches(view, term), nbytes
    )


def _keyword_matches(view: View, term: str) -> Matches:
    docs = view.snapshot.docs_with(term)
    docs = np.sort(docs[view.visible_docs[docs]]).astype(np.int32)
    return matches_of_docs(view.snapshot.size, docs, np.full(len(docs), rarity(view, len(docs))))


def best_docs(snapshot: Snapshot, scores: Array, count: int) -> list[int]:
    """The documents with the highest scores above 0; ties are broken by date (latest first), then by id."""
    docs = np.flatnonzero(scores != 0)  # a third of the time of `flatnonzero(scores)`
    if len(docs) > count:
        found = scores[docs]
        docs = docs[found >= np.partition(found, len(found) - count)[len(found) - count]]
    days = snapshot.first_day[docs].astype(np.int64)
    order = np.lexsort((snapshot.ids[docs], -days, -np.round(scores[docs], 6)))
    best: list[int] = docs[order][:count].tolist()
    return best
