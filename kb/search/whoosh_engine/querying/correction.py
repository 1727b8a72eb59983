"""Spelling corrections. They never reveal a word that occurs only in hidden documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kb.search.folding import plain_spellings
from kb.search.query import Compound, Group, Phrase, Word
from kb.search.whoosh_engine.querying.clauses import Leaf, term_leaf
from kb.search.whoosh_engine.querying.matching import match_leaf
from kb.search.whoosh_engine.querying.vocabulary import spelling_candidates
from kb.search.words import WORD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kb.search.lexicon import Lexicon
    from kb.search.query import Node
    from kb.search.whoosh_engine.querying.plan import Planner
    from kb.search.whoosh_engine.querying.view import View

MAX_CORRECTED_WORDS = 10
"""Longer texts were probably pasted rather than typed, and are not respelled."""

_NEARLY_NOTHING = 3
"""A query is corrected without asking if fewer than one word in this many matches."""

_BONUS_WEIGHT = 1.0


class Correction(NamedTuple):
    """A corrected query. It is answered `instead` of the typed one, or only offered.

    If it is only offered, `bonus` still ranks its matches higher among those that match equally many words.
    """

    root: Group
    instead: bool
    bonus: tuple[Leaf, ...]


def find_correction(
    view: View, planner: Planner, lexicon: Lexicon, root: Group, leaves: Sequence[Leaf]
) -> Correction | None:
    """The correction of a query, given its leaves; None if it needs none."""
    unmatched = [leaf for leaf in leaves if not match_leaf(view, leaf).total]
    if not unmatched or sum(1 for _ in _words(root)) > MAX_CORRECTED_WORDS:
        return None
    near: dict[str, tuple[str, str]] = {}
    for text in dict.fromkeys(word for leaf in unmatched for word in leaf.text.split()):
        # Correct the words of a compound, such as tone-deff, so that its signs stay; else correct the whole.
        for words in (WORD.findall(text), [text]):
            found = {word: _nearest(view, planner, lexicon, word) for word in words}
            near |= {word: nearest for word, nearest in found.items() if nearest is not None}
            if any(found.values()):
                break
    if not near:
        return None
    corrected = _replace(root, {word: form for word, (form, _) in near.items()})
    if corrected == root:
        return None
    matched = len(leaves) - len(unmatched)
    bonus = tuple(Leaf(form, None, ((term, _BONUS_WEIGHT),)) for form, term in near.values())
    return Correction(corrected, matched * _NEARLY_NOTHING < len(leaves), bonus)


def _nearest(view: View, planner: Planner, lexicon: Lexicon, word: str) -> tuple[str, str] | None:
    """The nearest (surface form, term) with a visible match; None for a correct or matching word."""
    if (
        lexicon.known_words.is_known(word, view.languages)
        or match_leaf(view, planner.leaf_of((word,), None)).total
    ):
        return None
    folded = plain_spellings(word)[0]
    for form, term in spelling_candidates(view, folded):
        if form != folded and match_leaf(view, term_leaf(term)).total and view.has_visible_form(form):
            return form, term
    return None


def _words(group: Group) -> Iterable[str]:
    for node in (*group.must, *group.should):
        match node:
            case Group():
                yield from _words(node)
            case Word():
                yield node.text
            case Phrase() | Compound():
                yield from node.words


def _replace(root: Group, corrections: Mapping[str, str]) -> Group:
    """Replace some words of a query."""

    def replace(node: Node) -> Node:
        match node:
            case Word():
                return Word(corrections.get(node.text, node.text), node.field)
            case Phrase():
                return Phrase(tuple(corrections.get(word, word) for word in node.words), node.field)
            case Compound() if node.text in corrections:
                return Word(corrections[node.text], node.field)
            case Compound():
                return _respell(node, corrections)
            case Group():
                return _replace(node, corrections)
        return node

    return Group(
        tuple(map(replace, root.must)),
        tuple(map(replace, root.should)),
        tuple(map(replace, root.must_not)),
    )


def _respell(compound: Compound, corrections: Mapping[str, str]) -> Compound:
    """Replace some words of a compound, and leave the signs between them."""
    words = [*compound.words]
    text, end = "", 0
    for position, match in enumerate(WORD.finditer(compound.text)):
        words[position] = corrections.get(words[position], words[position])
        is_kept = words[position] == compound.words[position]
        text += compound.text[end : match.start()] + (match.group() if is_kept else words[position])
        end = match.end()
    return Compound(text + compound.text[end:], tuple(words), compound.field)
