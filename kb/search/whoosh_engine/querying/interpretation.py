"""The interpreted query, which includes the translations and names that its words matched by."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kb.search.query import Group, Phrase, Word
from kb.search.whoosh_engine.querying.matching import match_leaf

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kb.search.query import Node
    from kb.search.whoosh_engine.querying.expansion import Alternative
    from kb.search.whoosh_engine.querying.plan import Planner
    from kb.search.whoosh_engine.querying.view import View

_MAX_SHOWN = 3


def interpret(view: View, planner: Planner, root: Group) -> Group:
    """Group each word that matches only by its translations or names with these."""
    return replace(
        root,
        must=_interpret_nodes(view, planner, root.must),
        should=_interpret_nodes(view, planner, root.should),
    )


def _interpret_nodes(view: View, planner: Planner, nodes: Sequence[Node]) -> tuple[Node, ...]:
    alternatives = planner.alternatives(nodes)
    shown: set[tuple[str, ...]] = set()
    interpreted: list[Node] = []
    for number, node in enumerate(nodes):
        others = alternatives.get(number, ())
        if isinstance(node, Group):
            interpreted.append(interpret(view, planner, node))
        elif isinstance(node, Word) and others and not _is_found(view, planner, node, others):
            foreign = [words for words in _foreign(view, planner, node, others) if words not in shown]
            shown.update(foreign)
            beside = tuple(_node(words, node) for words in foreign)
            interpreted.append(Group(should=(node, *beside)) if beside else node)
        else:
            interpreted.append(node)
    return tuple(interpreted)


def _is_found(view: View, planner: Planner, word: Word, alternatives: Iterable[Alternative]) -> bool:
    """Whether anything visible has a word, or an alternative in its own language."""
    own = [other.words for other in alternatives if other.words and not other.foreign]
    return any(match_leaf(view, planner.leaf_of(words, word.field)).total for words in [(word.text,), *own])


def _foreign(
    view: View, planner: Planner, word: Word, alternatives: Iterable[Alternative]
) -> list[tuple[str, ...]]:
    found = [
        other.words
        for other in alternatives
        if other.foreign and match_leaf(view, planner.leaf_of(other.words, word.field)).total
    ]
    return list(dict.fromkeys(found))[:_MAX_SHOWN]


def _node(words: tuple[str, ...], beside: Word) -> Node:
    return Word(words[0], beside.field) if len(words) == 1 else Phrase(words, beside.field)
