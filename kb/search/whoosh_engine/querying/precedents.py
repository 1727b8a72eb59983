"""The precedents of a draft: incidents that share its concepts and telling words, both added up.

A word counts by its rarity, in each incident by how well it matches there; a concept by its rarity and the
weight that the caller gives it. Which weights were tried, and what they find, is in docs/check.md.
"""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

import numpy as np

from kb.search.engine import Hit, ResultPage
from kb.search.lexicon import EMPTY_LEXICON
from kb.search.whoosh_engine.format.arrays import nbytes
from kb.search.whoosh_engine.format.layout import INDEXED_TEXT_FIELDS, keyword_term
from kb.search.whoosh_engine.querying.expansion import Expander
from kb.search.whoosh_engine.querying.matches import Matches, matches_of_docs
from kb.search.whoosh_engine.querying.view import K1, view_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.search.engine import PrecedentQuery
    from kb.search.query import SearchQuery
    from kb.search.whoosh_engine.format.arrays import Array
    from kb.search.whoosh_engine.querying.snapshot import Snapshot
    from kb.search.whoosh_engine.querying.view import View

TELLING_RARITY = 2.0
"""The least natural logarithm of (incidents / incidents with the word) of a word that tells something."""

GUARDED_SCORE = 20.0
"""What an incident gains whose own guard found something: more than what a draft shares with any other."""

MAX_WORDS = 60
"""How many words of a draft, the rarest, precedents are looked for by."""

OBSERVANCE_WEIGHT = 1.0
"""What an incident of the same observance counts for, beside a concept of weight 1."""

_NOT_TELLING = frozenset(INDEXED_TEXT_FIELDS.index(name) for name in ("outcome", "terms", "organization"))
"""The fields whose words say nothing of what happened: any draft about replies matches an outcome."""


def find_precedents(snapshot: Snapshot, draft: PrecedentQuery, query: SearchQuery) -> ResultPage:
    """The precedents of a draft, best first; each hit with what it shares."""
    view = view_of(snapshot, query.audiences)
    allowed = view.filter_mask(query.filter)
    words = _rarest(view, draft.words)
    concepts = [(key, _matches_of(view, "concept", key, weight)) for key, weight in draft.concepts.items()]
    days = [_matches_of(view, "observance", key, OBSERVANCE_WEIGHT) for key in draft.observances]
    word_scores, scores = np.zeros(snapshot.size), np.zeros(snapshot.size)
    for _, matches in words:
        matches.add_to(word_scores)
    for matches in (*(matches for _, matches in concepts), *days):
        matches.add_to(scores)
    scores += word_scores
    if draft.incidents:
        scores += GUARDED_SCORE * np.isin(snapshot.ids, draft.incidents)
    scores *= allowed
    docs = _best(snapshot, scores, query.offset + query.limit)[query.offset :]
    telling = [(word, matches) for word, matches in words if _rarity(view, matches.total) >= TELLING_RARITY]
    hits = [
        Hit(
            int(snapshot.ids[doc]),
            round(float(scores[doc]), 6),
            snapshot.stored(doc),
            shared_words=tuple(word for word, matches in telling if matches.has(doc)),
            shared_concepts=tuple(key for key, matches in concepts if matches.has(doc)),
            word_score=round(float(word_scores[doc]), 6),
        )
        for doc in docs
    ]
    return ResultPage(position=snapshot.position, total=int(np.count_nonzero(scores)), hits=tuple(hits))


def _best(snapshot: Snapshot, scores: Array, count: int) -> list[int]:
    """The documents with the highest scores; of equal ones, the latest first, then by id."""
    candidates = np.flatnonzero(scores)
    if len(candidates) > count:
        least = np.partition(scores[candidates], len(candidates) - count)[len(candidates) - count]
        candidates = candidates[scores[candidates] >= least]
    days = snapshot.first_day[candidates].astype(np.int64)
    order = np.lexsort((snapshot.ids[candidates], -days, -np.round(scores[candidates], 6)))
    best: list[int] = candidates[order][:count].tolist()
    return best


def _rarity(view: View, count: int) -> float:
    return log((view.doc_count + 1) / count) if count else 0.0


def _rarest(view: View, words: Sequence[str]) -> list[tuple[str, Matches]]:
    """The words that incidents have, the rarest first, at most MAX_WORDS, each with its matches."""
    expander = Expander(view, EMPTY_LEXICON, {})
    found = [(word, _word_matches(view, expander, word)) for word in dict.fromkeys(words)]
    found = [(word, matches) for word, matches in found if matches.total]
    found.sort(key=lambda pair: (pair[1].total, pair[0]))
    return found[:MAX_WORDS]


def _word_matches(view: View, expander: Expander, word: str) -> Matches:
    """The incidents that have a word outside the fields that tell nothing, with its score in each."""
    key = ("precedent", view.audiences, word)
    return view.snapshot.matches.get_or_create(key, lambda: _score_word(view, expander, word), nbytes)


def _score_word(view: View, expander: Expander, word: str) -> Matches:
    size = view.snapshot.size
    scores = np.zeros(size)
    for term, weight in expander.word(word):
        found = view.term_scores(term)
        telling = ~np.isin(found.field, list(_NOT_TELLING))
        term_scores = np.bincount(found.doc[telling], found.score[telling] * weight, size)
        np.maximum(scores, term_scores, out=scores)
    docs = np.flatnonzero(scores).astype(np.int32)
    rarity = _rarity(view, len(docs))
    # Half of the word's rarity for a match of average strength in a field of weight 1.
    pivot = 0.5 * (rarity + 1) * (K1 + 1)
    return matches_of_docs(size, docs, rarity * scores[docs] / (scores[docs] + pivot))


def _matches_of(view: View, field: str, value: str, weight: float) -> Matches:
    """The incidents that have a value of a keyword field, each with its rarity times a weight."""
    term = keyword_term(field, value)
    key = ("precedent", view.audiences, term)
    matches = view.snapshot.matches.get_or_create(key, lambda: _score_keyword(view, term), nbytes)
    return matches._replace(scores=matches.scores * weight)


def _score_keyword(view: View, term: str) -> Matches:
    docs = view.snapshot.docs_with(term)
    docs = np.sort(docs[view.visible_docs[docs]]).astype(np.int32)
    return matches_of_docs(view.snapshot.size, docs, np.full(len(docs), _rarity(view, len(docs))))
