"""The precedents of a draft: incidents ranked by the sum of shared concepts and informative words.

A word is weighted by its rarity and by how well it matches in each incident; a concept by its rarity and the
caller's weight. docs/decisions/0042 has what was tried.
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
    matches_by_doc,
    matches_of_docs,
    no_matches,
)
from kb.search.whoosh_engine.querying.matching import best_alternative
from kb.search.whoosh_engine.querying.view import view_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kb.search.engine import PrecedentQuery
    from kb.search.query import SearchQuery
    from kb.search.whoosh_engine.querying.snapshot import Snapshot
    from kb.search.whoosh_engine.querying.view import View

INFORMATIVE_RARITY = 2.0
"""The minimum of ln(incidents / incidents with the word) for an informative word."""

GUARDED_SCORE = 20.0
"""The gain of an incident whose own guard found something; it outweighs any shared words and concepts."""

MAX_WORDS = 60
"""Maximum number of words of a draft to search by: the rarest ones."""

RESEMBLANCE_WEIGHT = 35.0
"""The weight of a resemblance between a draft and an incident's example draft, word by word."""

OBSERVANCE_WEIGHT = 1.0
"""The weight of a shared observance; a concept's weight of 1 is the reference."""

_IGNORED_FIELDS = ("outcome", "terms", "organization")
"""The fields whose words do not describe the failure: any draft about replies matches an outcome."""

_PRECEDENT_FIELDS = np.array([name not in _IGNORED_FIELDS for name in INDEXED_TEXT_FIELDS])
"""The mask of the other fields."""


def find_precedents(snapshot: Snapshot, draft: PrecedentQuery, query: SearchQuery) -> ResultPage:
    """The precedents of a draft, best first, each with the shared words and concepts."""
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
    informative = [
        (word, matches) for word, matches in words if rarity(view, matches.total) >= INFORMATIVE_RARITY
    ]
    shared = matches_by_doc([*(matches for _, matches in informative), *concepts, *days], docs)
    words_end, days_start = len(informative), len(informative) + len(concepts)
    keys = [*draft.concepts, *dict.fromkeys(draft.observances)]
    hits = [
        Hit(
            int(snapshot.ids[doc]),
            round(float(scores[doc]), 6),
            snapshot.stored(doc),
            shared_words=tuple(informative[index][0] for index in indexes if index < words_end),
            shared_concepts=tuple(
                keys[index - words_end] for index in indexes if words_end <= index < days_start
            ),
            shared_observances=tuple(keys[index - words_end] for index in indexes if index >= days_start),
            word_score=round(float(word_scores[doc]), 6),
        )
        for doc, indexes in zip(docs, shared, strict=True)
    ]
    return ResultPage(position=snapshot.position, total=int(np.count_nonzero(scores != 0)), hits=tuple(hits))


def _rarest(view: View, words: Iterable[str]) -> list[tuple[str, Matches]]:
    """The words that incidents contain, the rarest first, at most MAX_WORDS, each with its matches."""
    expander = Expander(view, EMPTY_LEXICON, {})
    different = list(dict.fromkeys(words))
    is_long = len(different) > MAX_WORDS
    if is_long:
        # Scoring takes several times longer than counting, and most words of a long draft are not the rarest.
        counts = zip(_counts(view, expander, different), different, strict=True)
        different = [word for _, word in sorted(pair for pair in counts if pair[0])[:MAX_WORDS]]
    known = view.snapshot.matches.get_each([_key(view, word) for word in different])
    unknown: set[str] = set()
    if not is_long:
        # Most new words are in no incident. Found together, they need neither an expansion nor a lookup each.
        unknown = expander.unknown(
            word for word, matches in zip(different, known, strict=True) if matches is None
        )
    found = [
        (word, matches or _word_matches(view, expander, word, is_unknown=word in unknown))
        for word, matches in zip(different, known, strict=True)
    ]
    return sorted((pair for pair in found if pair[1].total), key=lambda pair: (pair[1].total, pair[0]))


def _counts(view: View, expander: Expander, words: Sequence[str]) -> list[int]:
    """The number of incidents with each word outside `_IGNORED_FIELDS`."""
    known = view.snapshot.precedent_counts
    keys = [(view.audiences, word) for word in words]
    counts = known.get_each(keys)
    unknown = expander.unknown(word for word, count in zip(words, counts, strict=True) if count is None)
    for index, word in enumerate(words):
        if counts[index] is None:
            count = 0 if word in unknown else _count(view, expander, word)
            known.put(keys[index], count, getsizeof(count))
            counts[index] = count
    return [count or 0 for count in counts]


def _count(view: View, expander: Expander, word: str) -> int:
    matches = view.snapshot.matches.get(_key(view, word))
    if matches is not None:  # cached for the words of short drafts
        return matches.total
    terms = [term for term, _ in expander.word(word) if view.snapshot.lookup(term)]
    return int(np.count_nonzero(view.docs_with_any(terms, _PRECEDENT_FIELDS))) if terms else 0


def _word_matches(view: View, expander: Expander, word: str, *, is_unknown: bool) -> Matches:
    """The incidents with a word outside `_IGNORED_FIELDS`, with its score in each."""
    matches = no_matches(view.snapshot.size) if is_unknown else _score_word(view, expander, word)
    view.snapshot.matches.put(_key(view, word), matches, nbytes(matches))
    return matches


def _key(view: View, word: str) -> tuple[str, frozenset[str] | None, str]:
    """The key of a word's matches in the snapshot's cache."""
    return "precedent", view.audiences, word


def _score_word(view: View, expander: Expander, word: str) -> Matches:
    alternatives = []
    for term, weight in expander.word(word):
        if view.snapshot.lookup(term):
            found = view.term_scores(term)
            counted = _PRECEDENT_FIELDS[found.field]
            alternatives.append((found.doc[counted], found.score[counted] * weight))
    if not alternatives:
        return no_matches(view.snapshot.size)
    docs, scores = best_alternative(view.snapshot.size, alternatives)
    return matches_of_docs(view.snapshot.size, docs, saturate(scores, rarity(view, len(docs))))
