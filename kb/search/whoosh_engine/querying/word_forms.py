"""The forms in which the index has words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.search.engine import WordForms
from kb.search.lexicon import EMPTY_LEXICON
from kb.search.whoosh_engine.querying.expansion import Expander
from kb.search.whoosh_engine.querying.view import view_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kb.search.whoosh_engine.querying.snapshot import Snapshot


def word_forms(
    snapshot: Snapshot, words: Iterable[str], incidents: Iterable[int], audiences: frozenset[str] | None
) -> WordForms:
    """The case-folded forms in which the index has words, and what it stores of incidents that the audiences
    may see.
    """
    view = view_of(snapshot, audiences)
    expander = Expander(view, EMPTY_LEXICON, {})
    forms: dict[str, list[str]] = {}
    for word in words:
        found = dict.fromkeys([word.casefold()])
        for term, _ in expander.word(word):
            found |= dict.fromkeys(sorted(snapshot.surface_forms(term)))
        forms[word] = sorted(found, key=lambda form: form[:1] == "#")
    visible = {incident: (snapshot.ids == incident) & view.visible_docs for incident in incidents}
    docs = ((incident, doc) for incident, mask in visible.items() for doc in mask.nonzero()[0].tolist())
    return WordForms(forms, {incident: snapshot.stored(doc) for incident, doc in docs})
