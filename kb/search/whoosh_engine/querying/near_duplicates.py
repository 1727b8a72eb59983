"""Near duplicates: the documents that share most of the words of some texts.

Whoever files an incident waits for this search, and each write makes a snapshot that has nothing cached: it
counts words and ranks by no field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kb.search.analysis import informative_terms, is_hebrew, tokens
from kb.search.engine import Hit, ResultPage
from kb.search.lexicon import EMPTY_LEXICON
from kb.search.whoosh_engine.querying.expansion import Expander
from kb.search.whoosh_engine.querying.view import view_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kb.search.query import SearchQuery
    from kb.search.whoosh_engine.format.arrays import Array
    from kb.search.whoosh_engine.querying.snapshot import Snapshot
    from kb.search.whoosh_engine.querying.view import View


def near_duplicates(
    snapshot: Snapshot, incident_id: int | None, texts: Iterable[tuple[str, str]], query: SearchQuery
) -> ResultPage:
    """The documents that share words with some texts, the most and the rarest first.

    A word counts as what it is worth in telling documents apart, however often it occurs in one.
    `incident_id` is the incident that the texts are from, which is left out.
    """
    view = view_of(snapshot, query.audiences)
    allowed = view.filter_mask(query.filter)
    if incident_id is not None:
        allowed = allowed & (snapshot.ids != incident_id)
    scores = np.zeros(snapshot.size)
    for found in _docs_by_word(view, texts):
        count = int(np.count_nonzero(found))
        if count:
            scores[found] += np.log1p(view.doc_count / count)
    scores *= allowed
    docs = np.flatnonzero(scores)
    total = len(docs)
    if total > query.limit:
        docs = docs[np.argpartition(scores[docs], -query.limit)[-query.limit :]]
    docs = docs[np.lexsort((snapshot.ids[docs], -scores[docs]))][: query.limit]
    stored = map(snapshot.stored, docs.tolist())
    hits = tuple(map(Hit, snapshot.ids[docs].tolist(), scores[docs].tolist(), stored))
    return ResultPage(position=snapshot.position, total=total, hits=hits)


def _docs_by_word(view: View, texts: Iterable[tuple[str, str]]) -> Iterator[Array]:
    """The mask of the visible documents of each word: with other spellings of it only if none has its own."""
    written: dict[str, str] = {}
    for language, text in texts:
        for term, start, end in tokens(text, language):
            written.setdefault(term, text[start:end].casefold())
    expander = Expander(view, EMPTY_LEXICON, {})
    # Sorted, so that the same sums come out the same to the last bit.
    for term in sorted(informative_terms(frozenset(written), view.languages)):
        if len(term) < 2 and term.isalnum():
            continue
        found = view.docs_with_any((term,))
        if not found.any() and not is_hebrew(term):
            found = view.docs_with_any(spelling for spelling, _ in expander.word(written[term]))
        yield found
