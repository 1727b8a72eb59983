"""Resolve a query: plan it, and replace words that match nothing by names, longer forms or corrections."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from kb.search.whoosh_engine.querying.clauses import leaves
from kb.search.whoosh_engine.querying.correction import find_correction
from kb.search.whoosh_engine.querying.fallback import find_fallbacks
from kb.search.whoosh_engine.querying.interpretation import interpret
from kb.search.whoosh_engine.querying.matching import match_leaf, match_own
from kb.search.whoosh_engine.querying.plan import Planner
from kb.search.whoosh_engine.querying.sentence_scoring import concept_leaves

if TYPE_CHECKING:
    from kb.search.lexicon import Lexicon
    from kb.search.query import Group, SearchQuery
    from kb.search.whoosh_engine.querying.clauses import Clauses
    from kb.search.whoosh_engine.querying.correction import Correction
    from kb.search.whoosh_engine.querying.view import View


class Resolution(NamedTuple):
    """The clauses of the query that is answered, which is `root`.

    `root` differs from the typed query if a `correction` is answered instead; a correction may also be only
    offered.
    """

    root: Group
    clauses: Clauses
    correction: Correction | None
    planner: Planner

    def interpreted(self, view: View) -> Group:
        """The query, with the translations and names that its words matched by if they do not match alone."""
        foreign = (leaf for leaf in leaves(self.clauses) if leaf.foreign is not None)
        if any(not match_own(view, leaf).total for leaf in foreign):
            return interpret(view, self.planner, self.root)
        return self.root


def resolve(view: View, query: SearchQuery, lexicon: Lexicon) -> Resolution:
    """Resolve a query for a view.

    A word that matches nothing is tried as a name in another script and in longer forms, then as a
    misspelling.
    """
    root = query.root
    planner, clauses, unmatched = _with_fallbacks(view, root, lexicon)
    correction = None
    if unmatched and query.correct:
        correction = find_correction(view, planner, lexicon, root, list(leaves(clauses)))
    if correction is not None and correction.instead:
        root = correction.root
        clauses = planner.plan(root)
    elif correction is not None:
        clauses = replace(clauses, bonus=correction.bonus)
    if clauses.is_sentence:
        clauses = replace(clauses, concepts=concept_leaves(query.concepts))
    return Resolution(root, clauses, correction, planner)


def _with_fallbacks(view: View, root: Group, lexicon: Lexicon) -> tuple[Planner, Clauses, list[str]]:
    """Plan a query with fallbacks for words that match nothing; return what still matches nothing, too."""
    planner = Planner(view, lexicon)
    clauses = planner.plan(root)
    unmatched = _unmatched(view, clauses)
    if unmatched:
        fallbacks = find_fallbacks(view, planner, lexicon, root, unmatched)
        if any(fallbacks.values()):
            planner = Planner(view, lexicon, fallbacks)
            clauses = planner.plan(root)
            unmatched = _unmatched(view, clauses)
    return planner, clauses, unmatched


def _unmatched(view: View, clauses: Clauses) -> list[str]:
    """The words and phrases that match nothing."""
    return [leaf.text for leaf in leaves(clauses) if not match_leaf(view, leaf).total]
