"""Similar incidents, ranked by the sum of shared concepts, terms and informative words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kb.search.analysis import count_informative_terms, is_hebrew, tokens
from kb.search.engine import Hit, ResultPage
from kb.search.lexicon import EMPTY_LEXICON
from kb.search.whoosh_engine.querying.clauses import Leaf
from kb.search.whoosh_engine.querying.evidence import best_docs, evidence_of_keyword, evidence_of_leaf
from kb.search.whoosh_engine.querying.expansion import Expander
from kb.search.whoosh_engine.querying.matches import add_all, matches_by_doc
from kb.search.whoosh_engine.querying.view import view_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kb.search.engine import Likeness
    from kb.search.query import SearchQuery
    from kb.search.whoosh_engine.querying.snapshot import Snapshot
    from kb.search.whoosh_engine.querying.view import View

_MAX_WORDS = 40
"""Maximum number of words of an incident to search by: the most informative ones."""

MAX_COUNTED_WORDS = 1_000
"""Maximum number of words of an incident to count in the others: the most frequent ones."""

_NAME_WEIGHT = 0.1
"""The weight of a word in the organization's name, because two failures of a brand are seldom alike."""


def similar(
    snapshot: Snapshot, incident_id: int | None, likeness: Likeness, query: SearchQuery
) -> ResultPage:
    """The documents that share the most with an incident, each with the shared words, the rarest first.

    `incident_id` is left out of the results; it is None if the incident is not indexed.
    """
    view = view_of(snapshot, query.audiences)
    words = _informative_words(view, likeness.texts, 0 if incident_id is None else 1)
    names = {term for language, name in likeness.names for term, _, _ in tokens(name, language)}
    found = [(word, evidence_of_leaf(view, leaf), leaf.text in names) for word, leaf in words]
    scores = np.zeros(snapshot.size)
    add_all(
        scores,
        [
            matches._replace(scores=matches.scores * (_NAME_WEIGHT if is_name else 1.0))
            for _, matches, is_name in found
        ],
    )
    keywords = [evidence_of_keyword(view, *keyword, weight) for keyword, weight in likeness.keywords.items()]
    add_all(scores, keywords)
    scores *= view.filter_mask(query.filter)
    if incident_id is not None:
        scores[snapshot.ids == incident_id] = 0.0
    docs = best_docs(snapshot, scores, query.offset + query.limit)[query.offset :]
    shared = matches_by_doc([matches for _, matches, _ in found], docs)
    hits = [
        Hit(
            int(snapshot.ids[doc]),
            round(float(scores[doc]), 6),
            snapshot.stored(doc),
            shared_words=tuple(found[index][0] for index in indexes),
        )
        for doc, indexes in zip(docs, shared, strict=True)
    ]
    return ResultPage(position=snapshot.position, total=int(np.count_nonzero(scores)), hits=tuple(hits))


def _informative_words(view: View, texts: Iterable[tuple[str, str]], own: int) -> list[tuple[str, Leaf]]:
    """The most informative words of the texts that occur in more than `own` documents.

    They are spelled as in the texts, because other surface forms may occur only in hidden documents.
    """
    counts, spellings = count_informative_terms(texts, view.languages)
    expander = Expander(view, EMPTY_LEXICON, {})
    leaves = []
    for term, _ in counts.most_common(MAX_COUNTED_WORDS):
        others = () if is_hebrew(term) else expander.word(spellings[term])
        leaves.append(Leaf(term, None, tuple({**dict(others), term: 1.0}.items())))
    # Scoring takes several times longer than counting, and most words are not among the most informative.
    found = view.count_with_each([[term for term, _ in leaf.terms] for leaf in leaves])
    weighted = [
        (counts[leaf.text] ** 0.5 * float(np.log(view.doc_count / documents)), leaf)
        for leaf, documents in zip(leaves, found, strict=True)
        if documents > own
    ]
    weighted.sort(key=lambda pair: (pair[0], pair[1].text), reverse=True)
    return [(spellings[leaf.text], leaf) for weight, leaf in weighted[:_MAX_WORDS] if weight > 0]
