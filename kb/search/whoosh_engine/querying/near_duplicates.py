"""Near duplicates: documents that share most of the words of given texts, in any language.

This search delays each filing of an incident, and each write makes a snapshot with empty caches. So it only
counts words, and does not score them by field.
"""

from __future__ import annotations

from itertools import chain, compress
from typing import TYPE_CHECKING

import numpy as np

from kb.search.analysis import count_informative_terms, is_hebrew
from kb.search.engine import Hit, ResultPage
from kb.search.whoosh_engine.format.layout import INFORMATIVE_FIELDS
from kb.search.whoosh_engine.querying.expansion import Expander
from kb.search.whoosh_engine.querying.view import view_of
from kb.search.whoosh_engine.querying.vocabulary import names_like

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kb.search.lexicon import Lexicon
    from kb.search.query import SearchQuery
    from kb.search.whoosh_engine.format.arrays import Array
    from kb.search.whoosh_engine.querying.snapshot import Snapshot
    from kb.search.whoosh_engine.querying.view import View

_MAX_NAMED_WORDS, _MAX_NAMES = 4, 2
"""Maximum number of unmatched words to look up as names in another script (the first are mostly an
organization's), and of names for each of them."""

_MIN_NAME_LENGTH = 3


def near_duplicates(
    snapshot: Snapshot,
    incident_id: int | None,
    texts: Iterable[tuple[str, str]],
    query: SearchQuery,
    lexicon: Lexicon,
) -> ResultPage:
    """The documents that share words with the texts, those with the most and rarest first.

    The score is the share of the words that a document has, from 0 to 1. Words are weighted by rarity, not by
    how often they occur in a document. `incident_id` is the incident that the texts are from, which is left
    out.
    """
    view = view_of(snapshot, query.audiences)
    allowed = view.filter_mask(query.filter)
    if incident_id is not None:
        allowed = allowed & (snapshot.ids != incident_id)
    words, masks = _words(view, texts, lexicon)
    counts = np.array([np.count_nonzero(mask) for mask in masks])
    weights = np.log1p(view.doc_count / np.maximum(counts, 1))
    # All words at once: one by one, the calls would take longer than the work.
    scores = np.einsum("i,ij->j", weights, masks)
    whole = sum(weights.tolist())
    scores *= allowed
    docs = np.flatnonzero(scores)
    total = len(docs)
    if total > query.limit:
        docs = docs[np.argpartition(scores[docs], -query.limit)[-query.limit :]]
    docs = docs[np.lexsort((snapshot.ids[docs], -scores[docs]))][: query.limit]
    hits = [
        Hit(
            int(snapshot.ids[doc]),
            float(scores[doc] / whole),
            snapshot.stored(int(doc)),
            shared_words=tuple(compress(words, shared)),
        )
        for doc, shared in zip(docs.tolist(), masks[:, docs].T.tolist(), strict=True)
    ]
    return ResultPage(position=snapshot.position, total=total, hits=tuple(hits))


def _words(view: View, texts: Iterable[tuple[str, str]], lexicon: Lexicon) -> tuple[list[str], Array]:
    """The words of the texts, case-folded, and the masks of the visible documents that have each.

    Unmatched words are retried as other spellings or names.
    """
    words = count_informative_terms(texts, view.languages).spellings
    expander = Expander(view, lexicon, {})
    masks = _masks(view, expander, lexicon, words)
    pairs, named = [*words.items()], 0
    for row in np.flatnonzero(~masks.any(axis=1)).tolist():
        term, word = pairs[row]
        if not is_hebrew(term):
            spellings = [spelling for spelling, _ in expander.word(word)]
            masks[row] = view.docs_with_any(spellings, INFORMATIVE_FIELDS)
            if masks[row].any():
                continue
        if len(word) >= _MIN_NAME_LENGTH and named < _MAX_NAMED_WORDS:
            named += 1
            masks[row] = view.docs_with_any(_terms_of_names(view, expander, word), INFORMATIVE_FIELDS)
    return [*words.values()], masks


def _masks(view: View, expander: Expander, lexicon: Lexicon, words: Mapping[str, str]) -> Array:
    """The masks of the visible documents that have each word or a translation of it, one row per word."""
    translations = {
        row: terms
        for row, word in enumerate(words.values())
        if (terms := [*_terms_of_translations(view, expander, lexicon, word)])
    }
    rows = {term: row for row, term in enumerate(dict.fromkeys(chain(words, *translations.values())))}
    masks = view.snapshot.masks_of_each(tuple(rows), INFORMATIVE_FIELDS)
    masks &= view.visible_docs
    found: Array = masks[: len(words)].copy()
    for row, terms in translations.items():
        for term in terms:
            found[row] |= masks[rows[term]]
    return found


def _terms_of_translations(view: View, expander: Expander, lexicon: Lexicon, word: str) -> Iterator[str]:
    if ("en" if is_hebrew(word) else "he") not in view.languages:
        return
    for _, _, translations in lexicon.glossary.translations((word,)):
        for translation in translations:
            if len(translation) == 1:
                yield from (term for term, _ in expander.lemma(translation[0]))


def _terms_of_names(view: View, expander: Expander, word: str) -> Iterator[str]:
    for name in names_like(view, word)[:_MAX_NAMES]:
        if len(name) == 1:
            yield from (spelling for spelling, _ in expander.word(name[0]))
