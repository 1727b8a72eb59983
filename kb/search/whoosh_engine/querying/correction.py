"""Spelling corrections, which reveal no word that occurs in hidden documents only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kb.search.query import Group, Phrase, Word
from kb.search.whoosh_engine.querying.leaf import term_leaf
from kb.search.whoosh_engine.querying.plan import leaves
from kb.search.whoosh_engine.querying.ranking import match_leaf
from kb.search.whoosh_engine.querying.vocabulary import spelling_candidates

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kb.search.query import Node
    from kb.search.whoosh_engine.querying.plan import Planner
    from kb.search.whoosh_engine.querying.view import View

_MAX_DOCS_CHECKED = 100
"""In how many visible documents a surface form is searched for before it is taken for a hidden one."""


def find_corrections(view: View, planner: Planner, unmatched: Iterable[str]) -> dict[str, str]:
    """For each word that matches nothing visible, the nearest word that does."""
    corrections = {}
    for text in unmatched:
        for word in text.split():
            if any(
                match_leaf(view, leaf).total for leaf in leaves(planner.plan(Group(should=(Word(word),))))
            ):
                continue
            folded = word.casefold()
            for near, term in spelling_candidates(view.snapshot.segments, folded):
                if near != folded and _is_visible(view, term, near):
                    corrections[word] = near
                    break
    return corrections


def _is_visible(view: View, term: str, form: str) -> bool:
    """Whether a visible document has a term in this surface form."""
    matches = match_leaf(view, term_leaf(term))
    if not matches.total:
        return False
    docs = np.unique(view.snapshot.docs_with(term))
    if len(docs) == matches.total:
        return True
    # The index keeps surface forms by term, not by document: this one may occur in hidden documents only.
    visible = docs[matches.mask[docs]][:_MAX_DOCS_CHECKED].tolist()
    return any(view.snapshot.has_surface_form(doc, form) for doc in visible)


def correct(root: Group, corrections: dict[str, str]) -> Group | None:
    """A query with some of its words replaced; None if there are no corrections."""

    def replace(node: Node) -> Node:
        if isinstance(node, Word):
            return Word(corrections.get(node.text, node.text), node.field)
        if isinstance(node, Phrase):
            return Phrase(tuple(corrections.get(word, word) for word in node.words), node.field)
        if isinstance(node, Group):
            return Group(
                tuple(map(replace, node.must)),
                tuple(map(replace, node.should)),
                tuple(map(replace, node.must_not)),
            )
        return node

    if not corrections:
        return None
    corrected = replace(root)
    assert isinstance(corrected, Group)
    return corrected
