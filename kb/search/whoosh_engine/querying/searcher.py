"""Search one snapshot of the index: queries and suggestions."""

from __future__ import annotations

import time
from functools import reduce
from operator import mul
from typing import TYPE_CHECKING, Any

import numpy as np

from kb.pauses import Pauses
from kb.search.analysis import MAX_WORD_LENGTH
from kb.search.engine import Hit, ResultPage
from kb.search.highlight import HighlightTerms
from kb.search.lexicon import EMPTY_LEXICON
from kb.search.whoosh_engine.format.layout import INDEXED_TEXT_FIELDS, is_keyword_term, keyword_term
from kb.search.whoosh_engine.querying.boosts import boost_factors
from kb.search.whoosh_engine.querying.clauses import Clauses, Leaf, leaves
from kb.search.whoosh_engine.querying.expansion import Expander
from kb.search.whoosh_engine.querying.explain import Explainer
from kb.search.whoosh_engine.querying.ranking import rank
from kb.search.whoosh_engine.querying.resolution import resolve
from kb.search.whoosh_engine.querying.view import view_of
from kb.search.whoosh_engine.querying.vocabulary import completions, completions_apart
from kb.search.words import split_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kb.search.lexicon import Lexicon
    from kb.search.query import SearchQuery
    from kb.search.whoosh_engine.querying.ranking import TopDocs
    from kb.search.whoosh_engine.querying.snapshot import Snapshot
    from kb.search.whoosh_engine.querying.view import View


def search(snapshot: Snapshot, query: SearchQuery, lexicon: Lexicon | None) -> ResultPage:
    """The results of a query. Others are served before they are explained."""
    pause = Pauses(time.thread_time)
    view = view_of(snapshot, query.audiences)
    resolved = resolve(view, query, lexicon or EMPTY_LEXICON)
    clauses, correction = resolved.clauses, resolved.correction
    factors = boost_factors(view, query.boosts, query.today)
    ranked = rank(
        view,
        clauses,
        view.filter_mask(query.filter),
        reduce(mul, factors.values()) if factors else None,
        offset=query.offset,
        limit=query.limit and query.limit + len(query.seen),
        sort=query.sort,
        languages=query.languages,
    )
    ranked, remaining = _without_seen(snapshot, ranked, query)
    hits = _hits(snapshot, ranked)
    if query.explain:
        pause()
        explanations = Explainer(view, clauses, factors, ranked.docs).explanations()
        hits = [hit._replace(explanation=each) for hit, each in zip(hits, explanations, strict=True)]
    return ResultPage(
        position=snapshot.position,
        total=ranked.total,
        relevant=ranked.relevant,
        hits=tuple(hits),
        remaining=remaining,
        facets={
            name: _facet(snapshot, name, ranked.matched, query.replaced.get(name, {}))
            for name in query.facets
        },
        highlight_terms=_highlight_terms(snapshot, clauses),
        observances=_named_observances(clauses),
        interpreted=resolved.interpreted(view),
        correction=None if correction is None else correction.root,
        corrected=correction is not None and correction.instead,
    )


def _without_seen(snapshot: Snapshot, ranked: TopDocs, query: SearchQuery) -> tuple[TopDocs, int]:
    """Remove seen documents from a ranking, cut it to the page, and return how many documents follow.

    The ranking has `len(query.seen)` extra documents, so the page is still full without the seen ones.
    """
    seen = np.fromiter(query.seen, np.int64, len(query.seen))
    unseen = ~np.isin(snapshot.ids[ranked.docs], seen)
    page = (ranked.docs, ranked.scores, ranked.well_matched)
    docs, scores, well_matched = (each[unseen][: query.limit] for each in page)
    seen_matches = int(np.count_nonzero(np.isin(snapshot.ids[ranked.matched], seen))) if len(seen) else 0
    remaining = ranked.total - seen_matches - query.offset - len(docs)
    return ranked._replace(docs=docs, scores=scores, well_matched=well_matched), max(0, remaining)


def _named_observances(clauses: Clauses) -> tuple[str, ...]:
    """The observances that a query names."""
    prefix = keyword_term("observance", "")
    terms = (term for leaf in leaves(clauses) for term, _ in leaf.terms if term.startswith(prefix))
    return tuple(sorted({term.removeprefix(prefix) for term in terms}))


def suggest(snapshot: Snapshot, words: Sequence[str], query: SearchQuery) -> ResultPage:
    """The documents whose title or organization has all these words, the last one as a prefix."""
    view = view_of(snapshot, query.audiences)
    expander = Expander(view, EMPTY_LEXICON, {})
    # In a script without spaces, only the last bigram is completed; those before it must match as a whole.
    *whole, last = [part for word in words for part in split_word(word[:MAX_WORD_LENGTH])]
    named = [_in_names(expander.word(word)) for word in whole]
    apart = Clauses(must=(*named, _beginning(expander, view, last)))
    joined = [_beginning(expander, view, "".join(words)[:MAX_WORD_LENGTH])] if len(words) > 1 else []
    clauses = Clauses(must=(Clauses(should=(apart, *joined)),))
    ranked = rank(view, clauses, view.filter_mask(query.filter), None, offset=0, limit=query.limit)
    return ResultPage(position=snapshot.position, total=ranked.total, hits=tuple(_hits(snapshot, ranked)))


def _hits(snapshot: Snapshot, ranked: TopDocs) -> list[Hit]:
    stored = map(snapshot.stored, ranked.docs.tolist())
    ids, scores = snapshot.ids[ranked.docs].tolist(), ranked.scores.tolist()
    return [
        Hit(number, score, content, relevant=relevant)
        for number, score, content, relevant in zip(
            ids, scores, stored, ranked.well_matched.tolist(), strict=True
        )
    ]


def _beginning(expander: Expander, view: View, typed: str) -> Clauses:
    """A clause for words with a typed prefix: `redb` is a prefix of redbull, and of the words Red Bull."""
    beginning = typed.casefold()
    named = (map(_in_names, map(expander.word, parts)) for parts in expander.split(typed))
    split = dict.fromkeys(Clauses(must=tuple(parts)) for parts in named)
    weighted = dict(expander.word(typed)) | dict.fromkeys(completions(view, beginning), 1.0)
    apart = [
        Clauses(must=(_in_names(expander.word(first)), _in_names(tuple(dict.fromkeys(rest, 1.0).items()))))
        for first, rest in completions_apart(view, beginning)
    ]
    return Clauses(should=(_in_names(tuple(weighted.items())), *apart, *split))


def _in_names(weighted: tuple[tuple[str, float], ...]) -> Clauses:
    """A clause for terms in a title or in the name of an organization."""
    names = ("title", "organization")
    return Clauses(should=tuple(Leaf("", INDEXED_TEXT_FIELDS.index(name), weighted) for name in names))


def _facet(
    snapshot: Snapshot, name: str, matched: Any, replaced: Mapping[str, str]
) -> tuple[tuple[str, int], ...]:
    """Count the documents of each key; retired terms count for the terms in `replaced`."""
    keys, docs, indexes = snapshot.facet(name)
    if not replaced.keys().isdisjoint(keys):
        current = [replaced.get(key, key) for key in keys]
        keys = sorted(set(current))
        indexes = np.array([keys.index(key) for key in current])[indexes]
        # A document may have both a term and the term that it replaced.
        docs, indexes = np.unique(np.stack([docs, indexes]), axis=1)
    counts = np.bincount(indexes[matched[docs]], minlength=len(keys)).tolist()
    found = [(key, count) for key, count in zip(keys, counts, strict=True) if count]
    return tuple(sorted(found, key=lambda pair: (-pair[1], pair[0])))


def _highlight_terms(snapshot: Snapshot, clauses: Clauses) -> HighlightTerms:
    """The terms to highlight: words wherever they are, words of a phrase only where they are adjacent."""
    terms: set[str] = set()
    phrases: list[tuple[frozenset[str], ...]] = []
    for leaf in _with_foreign(leaves(clauses)):
        terms.update(term for term, _ in leaf.terms if not is_keyword_term(term))
        phrases += [
            tuple(frozenset(term for term, _ in position) for position in phrase.positions)
            for phrase in leaf.phrases
        ]
    surface_forms: dict[str, set[str]] = {}
    for term in terms.union(*(position for phrase in phrases for position in phrase)):
        for form in snapshot.surface_forms(term):
            surface_forms.setdefault(form, set()).add(term)
    return HighlightTerms(
        frozenset(terms),
        tuple(phrases),
        {form: frozenset(found) for form, found in surface_forms.items()},
    )


def _with_foreign(found: Iterable[Leaf]) -> Iterator[Leaf]:
    """Yield leaves along with their foreign equivalents."""
    for leaf in found:
        yield leaf
        if leaf.foreign is not None:
            yield leaf.foreign
