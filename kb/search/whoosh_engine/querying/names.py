"""Names in another script: what a word that nothing visible has may be the name of, by its sound."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from kb.search.query import Group, Word
from kb.search.whoosh_engine.querying.ranking import match_leaf
from kb.search.whoosh_engine.querying.vocabulary import names_like

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from kb.search.whoosh_engine.querying.expansion import Names
    from kb.search.whoosh_engine.querying.plan import Planner
    from kb.search.whoosh_engine.querying.view import View

_MAX_NAMES = 2
"""How many names a word stands for: the nearest ones."""

_MAX_WORDS = 3
"""How many adjacent words may be one name, written as one word or several."""


def find_names(view: View, planner: Planner, root: Group, unmatched: Collection[str]) -> Names:
    """For the words that match nothing visible, names in other scripts that do; for a run of words first."""
    found: dict[tuple[str, ...], Sequence[tuple[str, ...]]] = {}
    for run in _runs(root, unmatched):
        start = 0
        while start < len(run):
            for end in range(min(start + _MAX_WORDS, len(run)), start, -1):
                names = _visible_names(view, planner, "".join(run[start:end]))
                if names:
                    found[tuple(run[start:end])] = names
                    break
            start = end
    return found


def _runs(group: Group, unmatched: Collection[str]) -> Iterator[list[str]]:
    """The runs of adjacent words that match nothing."""
    for nodes in (group.must, group.should):
        run: list[str] = []
        for node in nodes:
            if isinstance(node, Word) and node.text in unmatched:
                run.append(node.text)
                continue
            if run:
                yield run
                run = []
            if isinstance(node, Group):
                yield from _runs(node, unmatched)
        if run:
            yield run


def _visible_names(view: View, planner: Planner, word: str) -> list[tuple[str, ...]]:
    """The nearest names that visible documents have, as their words."""
    visible = (
        name
        for name in names_like(view.snapshot.segments, word)
        if match_leaf(view, planner.leaf_of(name, None)).total and _is_shown(view, name)
    )
    return list(islice(visible, _MAX_NAMES))


def _is_shown(view: View, name: Sequence[str]) -> bool:
    """Whether visible documents have each word of a name in this form."""
    return all(view.has_visible_form(word) for word in name)
