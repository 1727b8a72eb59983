"""The precedents of a draft: incidents ranked by the sum of shared concepts and informative words.

A word is weighted by its rarity and by how well it matches in each incident; a concept by its rarity and the
caller's weight. docs/decisions/0042 has what was tried.
"""

from __future__ import annotations

from itertools import pairwise
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
from kb.search.whoosh_engine.querying.matching import POSTINGS_AT_ONCE
from kb.search.whoosh_engine.querying.view import view_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kb.search.engine import PrecedentQuery
    from kb.search.query import SearchQuery
    from kb.search.whoosh_engine.format.arrays import Array
    from kb.search.whoosh_engine.querying.clauses import WeightedTerms
    from kb.search.whoosh_engine.querying.snapshot import Snapshot
    from kb.search.whoosh_engine.querying.view import View

INFORMATIVE_RARITY = 2.0
"""The minimum of ln(incidents / incidents with the word) for an informative word."""

GUARDED_SCORE = 20.0
"""The gain of an incident whose own guard found something; it outweighs any shared words and concepts."""

MAX_WORDS = 60
"""Maximum number of words of a draft to search by: the rarest ones."""

RESEMBLANCE_WEIGHT = 50.0
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
    modes = evidence_of_keywords(view, "term_failure_mode", draft.failure_modes)
    days = evidence_of_keywords(view, "observance", dict.fromkeys(draft.observances, OBSERVANCE_WEIGHT))
    word_scores, scores = np.zeros(snapshot.size), np.zeros(snapshot.size)
    add_all(word_scores, [matches for _, matches in words])
    add_all(scores, [*concepts, *modes, *days])
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
    new = [word for word, matches in zip(different, known, strict=True) if matches is None]
    # Most new words are in no incident. Found together, they need neither an expansion nor a lookup each.
    unknown = set() if is_long else expander.unknown(new)
    scored = dict.fromkeys(new, no_matches(view.snapshot.size))
    for batch in _batches(view, expander, [word for word in new if word not in unknown]):
        scored |= _score_each(view, batch)
    for word, matches in scored.items():
        view.snapshot.matches.put(_key(view, word), matches, nbytes(matches))
    every = ((word, found or scored[word]) for word, found in zip(different, known, strict=True))
    return sorted((pair for pair in every if pair[1].total), key=lambda pair: (pair[1].total, pair[0]))


def _counts(view: View, expander: Expander, words: Sequence[str]) -> list[int]:
    """The number of incidents with each word outside `_IGNORED_FIELDS`."""
    known = view.snapshot.precedent_counts
    keys = {word: (view.audiences, word) for word in words}
    counts = dict(zip(words, known.get_each(keys.values()), strict=True))
    new = [word for word, count in counts.items() if count is None]
    unknown = expander.unknown(new)
    counts |= dict.fromkeys(unknown, 0)
    some = [word for word in new if word not in unknown]
    terms = [[term for term, _ in expander.word(word)] for word in some]
    counts |= zip(some, view.count_with_each(terms, _PRECEDENT_FIELDS), strict=True)
    for word in new:
        count = counts[word] or 0
        known.put(keys[word], count, getsizeof(count))
    return [count or 0 for count in counts.values()]


def _key(view: View, word: str) -> tuple[str, frozenset[str] | None, str]:
    """The key of a word's matches in the snapshot's cache."""
    return "precedent", view.audiences, word


def _batches(view: View, expander: Expander, words: Iterable[str]) -> Iterator[dict[str, WeightedTerms]]:
    """Split words that the index knows into batches to be read together, each word with its terms."""
    batch: dict[str, WeightedTerms] = {}
    postings = 0
    for word in words:
        terms = [(pair, view.snapshot.posting_count(pair[0])) for pair in expander.word(word)]
        batch[word] = tuple(pair for pair, count in terms if count)
        postings += sum(count for _, count in terms)
        if postings >= POSTINGS_AT_ONCE:
            yield batch
            batch, postings = {}, 0
    if postings:
        yield batch


def _score_each(view: View, words: Mapping[str, WeightedTerms]) -> dict[str, Matches]:
    """The incidents with each word outside `_IGNORED_FIELDS`, with its score in each; words without any are
    left out.

    They are scored together, since a call of NumPy takes about as long for one of them as for all.
    """
    size = view.snapshot.size
    weighted = [(number, *pair) for number, terms in enumerate(words.values()) for pair in terms]
    numbers, weights = np.array([each[0] for each in weighted]), np.array([each[2] for each in weighted])
    found = view.scores_of_each([term for _, term, _ in weighted], None, [None] * len(weighted))
    term = np.repeat(np.arange(len(found)), [len(each.doc) for each in found])
    doc, field, score = (np.concatenate(parts) for parts in list(zip(*found, strict=True))[:3])
    counted = _PRECEDENT_FIELDS[field]
    term, doc, score = term[counted], doc[counted], score[counted]
    docs_of_terms, scores = _summed(term * size + doc, score * weights[term])
    # Of several forms of a word, the best one counts.
    docs_of_words = numbers[docs_of_terms // size] * size + docs_of_terms % size
    order = docs_of_words.argsort(kind="stable")
    docs_of_words, scores = docs_of_words[order], scores[order]
    starts = np.flatnonzero(np.diff(docs_of_words, prepend=-1))
    docs_of_words, scores = docs_of_words[starts], np.maximum.reduceat(scores, starts)
    ends = docs_of_words.searchsorted(np.arange(len(words) + 1) * size)
    totals = np.diff(ends)
    rarities = np.array([rarity(view, total) for total in totals.tolist()])
    scores = saturate(scores, np.repeat(rarities, totals))
    docs = (docs_of_words % size).astype(np.int32)
    # Copied: a cache that keeps one of them must not keep them all.
    return {
        word: matches_of_docs(size, docs[start:stop].copy(), scores[start:stop].copy())
        for word, (start, stop) in zip(words, pairwise(ends.tolist()), strict=True)
        if start < stop
    }


def _summed(keys: Array, values: Array) -> tuple[Array, Array]:
    """The different keys, ascending, and the sum of the values of each."""
    ordered = np.sort(keys)
    different = ordered[np.flatnonzero(np.diff(ordered, prepend=-1))]
    return different, np.bincount(different.searchsorted(keys), values, len(different))
