"""The precedents of a draft: incidents that share its concepts and telling words, both added up.

A word counts by its rarity, in each incident by how well it matches there; a concept by its rarity and the
weight that the caller gives it. Which weights were tried, and what they find, is in docs/check.md.
"""

from __future__ import annotations

from sys import getsizeof
from typing import TYPE_CHECKING

import numpy as np

from kb.search.engine import Hit, ResultPage
from kb.search.lexicon import EMPTY_LEXICON
from kb.search.whoosh_engine.format.arrays import nbytes
from kb.search.whoosh_engine.format.layout import INDEXED_TEXT_FIELDS
from kb.search.whoosh_engine.querying.evidence import best_docs, evidence_of_keywords, rarity, saturate
from kb.search.whoosh_engine.querying.expansion import Expander
from kb.search.whoosh_engine.querying.matches import (
    Matches,
    add_all,
    matches_of_docs,
    no_matches,
    places_in,
)
from kb.search.whoosh_engine.querying.matching import best_alternative
from kb.search.whoosh_engine.querying.view import view_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kb.search.engine import PrecedentQuery
    from kb.search.query import SearchQuery
    from kb.search.whoosh_engine.querying.snapshot import Snapshot
    from kb.search.whoosh_engine.querying.view import View

TELLING_RARITY = 2.0
"""The least natural logarithm of (incidents / incidents with the word) of a word that tells something."""

GUARDED_SCORE = 20.0
"""What an incident gains whose own guard found something: more than what a draft shares with any other."""

MAX_WORDS = 60
"""How many words of a draft, the rarest, precedents are looked for by."""

RESEMBLANCE_WEIGHT = 35.0
"""What it counts for that a draft reads like an example draft of an incident, word by word."""

OBSERVANCE_WEIGHT = 1.0
"""What an incident of the same observance counts for, beside a concept of weight 1."""

_NOT_TELLING = ("outcome", "terms", "organization")
"""The fields whose words say nothing of what happened: any draft about replies matches an outcome."""

_TELLS = np.array([name not in _NOT_TELLING for name in INDEXED_TEXT_FIELDS])


def find_precedents(snapshot: Snapshot, draft: PrecedentQuery, query: SearchQuery) -> ResultPage:
    """The precedents of a draft, best first; each hit with what it shares."""
    view = view_of(snapshot, query.audiences)
    words = _rarest(view, draft.words)
    concepts = evidence_of_keywords(view, "concept", draft.concepts)
    days = evidence_of_keywords(view, "observance", dict.fromkeys(draft.observances, OBSERVANCE_WEIGHT))
    word_scores, scores = np.zeros(snapshot.size), np.zeros(snapshot.size)
    add_all(word_scores, [matches for _, matches in words])
    add_all(scores, [*concepts, *days])
    scores += word_scores
    for incident in set(draft.incidents):
        scores[snapshot.ids == incident] += GUARDED_SCORE
    scores += RESEMBLANCE_WEIGHT * snapshot.values_by_id(draft.resembled)
    scores *= view.filter_mask(query.filter)
    docs = best_docs(snapshot, scores, query.offset + query.limit)[query.offset :]
    telling = [(word, matches) for word, matches in words if rarity(view, matches.total) >= TELLING_RARITY]
    shared = places_in([*(matches for _, matches in telling), *concepts], docs)
    words_end, keys = len(telling), [*draft.concepts]
    hits = [
        Hit(
            int(snapshot.ids[doc]),
            round(float(scores[doc]), 6),
            snapshot.stored(doc),
            shared_words=tuple(telling[place][0] for place in places if place < words_end),
            shared_concepts=tuple(keys[place - words_end] for place in places if place >= words_end),
            word_score=round(float(word_scores[doc]), 6),
        )
        for doc, places in zip(docs, shared, strict=True)
    ]
    return ResultPage(position=snapshot.position, total=int(np.count_nonzero(scores != 0)), hits=tuple(hits))


def _rarest(view: View, words: Iterable[str]) -> list[tuple[str, Matches]]:
    """The words that incidents have, the rarest first, at most MAX_WORDS, each with its matches."""
    expander = Expander(view, EMPTY_LEXICON, {})
    different = list(dict.fromkeys(words))
    if len(different) > MAX_WORDS:
        # Scores take several times longer than counts, and most words of a long draft are not the rarest.
        counts = zip(_counts(view, expander, different), different, strict=True)
        different = [word for _, word in sorted(pair for pair in counts if pair[0])[:MAX_WORDS]]
    known = view.snapshot.matches.get_each([_key(view, word) for word in different])
    found = [
        (word, matches or _word_matches(view, expander, word))
        for word, matches in zip(different, known, strict=True)
    ]
    return sorted((pair for pair in found if pair[1].total), key=lambda pair: (pair[1].total, pair[0]))


def _counts(view: View, expander: Expander, words: Sequence[str]) -> list[int]:
    """In how many incidents each of some words occurs outside the fields that tell nothing."""
    known = view.snapshot.telling_counts
    keys = [(view.audiences, word) for word in words]
    counts = known.get_each(keys)
    unknown = expander.unknown(word for word, count in zip(words, counts, strict=True) if count is None)
    for place, word in enumerate(words):
        if counts[place] is None:
            count = 0 if word in unknown else _count(view, expander, word)
            known.put(keys[place], count, getsizeof(count))
            counts[place] = count
    return [count or 0 for count in counts]


def _count(view: View, expander: Expander, word: str) -> int:
    matches = view.snapshot.matches.get(_key(view, word))
    if matches is not None:  # as for the words of short drafts
        return matches.total
    terms = [term for term, _ in expander.word(word) if view.snapshot.lookup(term)]
    return int(np.count_nonzero(view.docs_with_any(terms, _TELLS))) if terms else 0


def _word_matches(view: View, expander: Expander, word: str) -> Matches:
    """The incidents that have a word outside the fields that tell nothing, with its score in each."""
    return view.snapshot.matches.get_or_create(
        _key(view, word), lambda: _score_word(view, expander, word), nbytes
    )


def _key(view: View, word: str) -> tuple[str, frozenset[str] | None, str]:
    """Under what a snapshot keeps the matches of a word."""
    return "precedent", view.audiences, word


def _score_word(view: View, expander: Expander, word: str) -> Matches:
    alternatives = []
    for term, weight in expander.word(word):
        if view.snapshot.lookup(term):
            found = view.term_scores(term)
            telling = _TELLS[found.field]
            alternatives.append((found.doc[telling], found.score[telling] * weight))
    if not alternatives:
        return no_matches(view.snapshot.size)
    docs, scores = best_alternative(view.snapshot.size, alternatives)
    return matches_of_docs(view.snapshot.size, docs, saturate(scores, rarity(view, len(docs))))
