"""Near duplicates: documents that share most of the words of given texts, in any language.

This search delays each filing of an incident, and each write makes a snapshot with empty caches. So it only
counts words, and does not score them by field.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

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


class _Word(NamedTuple):
    """A case-folded word, and the mask of the visible documents that have it."""

    text: str
    docs: Array


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
    words = list(_words(view, texts, lexicon))
    scores, whole = np.zeros(snapshot.size), 0.0
    for word in words:
        # By number, which for a mask of few documents is much faster than `np.add(..., where=word.docs)`.
        found = np.flatnonzero(word.docs)
        weight = float(np.log1p(view.doc_count / max(len(found), 1)))
        scores[found] += weight
        whole += weight
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
            shared_words=tuple(word.text for word in words if word.docs[doc]),
        )
        for doc in docs
    ]
    return ResultPage(position=snapshot.position, total=total, hits=tuple(hits))


def _words(view: View, texts: Iterable[tuple[str, str]], lexicon: Lexicon) -> Iterator[_Word]:
    """Yield the words of the texts with their matches; unmatched ones are retried as other spellings or
    names."""
    words = count_informative_terms(texts, view.languages).spellings
    expander = Expander(view, lexicon, {})
    named = 0
    for (term, word), docs in zip(words.items(), _docs(view, expander, lexicon, words), strict=True):
        found = docs
        if not found.any() and not is_hebrew(term):
            found = view.docs_with_any((spelling for spelling, _ in expander.word(word)), INFORMATIVE_FIELDS)
        if not found.any() and len(word) >= _MIN_NAME_LENGTH and named < _MAX_NAMED_WORDS:
            named += 1
            found = view.docs_with_any(_terms_of_names(view, expander, word), INFORMATIVE_FIELDS)
        yield _Word(word, found)


def _docs(view: View, expander: Expander, lexicon: Lexicon, words: Mapping[str, str]) -> Iterator[Array]:
    """Yield, for each word, the mask of the visible documents that have it or a translation of it."""
    terms = {term: (term, *_terms_of_translations(view, expander, lexicon, words[term])) for term in words}
    rows = {term: row for row, term in enumerate(dict.fromkeys(chain.from_iterable(terms.values())))}
    masks = view.snapshot.masks_of_each(tuple(rows), INFORMATIVE_FIELDS)
    masks &= view.visible_docs
    for alternatives in terms.values():
        yield np.logical_or.reduce([masks[rows[term]] for term in alternatives])


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
