"""Fallbacks for words that match nothing visible: names in another script that sound alike, longer forms."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from kb.search.analysis import is_hebrew, normalize, query_terms
from kb.search.query import Compound, Group, Phrase, Word
from kb.search.whoosh_engine.querying.expansion import FOREIGN_WEIGHT, Alternative
from kb.search.whoosh_engine.querying.matching import match_leaf
from kb.search.whoosh_engine.querying.vocabulary import forms_with_prefix, names_like, other_hebrew_spellings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from kb.search.lexicon import Lexicon
    from kb.search.whoosh_engine.querying.expansion import Fallbacks
    from kb.search.whoosh_engine.querying.plan import Planner
    from kb.search.whoosh_engine.querying.view import View

_MAX_NAMES = 2
"""Maximum number of names for a word: the nearest ones."""

_MIN_STEM_LENGTH, _MAX_ENDING, _MAX_FORMS = 6, 4, 8
_FORM_WEIGHT = 0.6

MAX_TRIED = 10
"""Maximum number of words in a query to look up fallbacks for: longer texts were probably pasted."""

_MAX_WORDS = 3
"""Maximum number of adjacent words in one name, written as one word or several."""


def find_fallbacks(
    view: View, planner: Planner, lexicon: Lexicon, root: Group, unmatched: Collection[str]
) -> Fallbacks:
    """For words that match nothing visible, find names and forms that do, starting with runs of words."""
    found: dict[tuple[str, ...], Sequence[Alternative]] = {}
    tried = 0
    for run in _runs(root, unmatched):
        start = 0
        while start < len(run) and tried < MAX_TRIED:
            tried += 1
            length, names = _names_at(view, planner, lexicon, run, start)
            if names:
                found[tuple(run[start : start + length])] = names
            elif lexicon.known_words.is_known(run[start], view.languages):
                found[run[start],] = _forms(view, run[start])
            start += length
    return found


def _names_at(
    view: View, planner: Planner, lexicon: Lexicon, run: Sequence[str], start: int
) -> tuple[int, list[Alternative]]:
    """The names that the words of a run from `start` may be, and how many words: as many as possible."""
    for length in range(min(_MAX_WORDS, len(run) - start), 0, -1):
        if length == 1 and lexicon.glossary.has_word(run[start]):
            break  # an everyday word, which may sound like a name: spoon and צפון
        if names := _visible_names(view, planner, "".join(run[start : start + length])):
            return length, [Alternative(name, FOREIGN_WEIGHT, foreign=True) for name in names]
    return 1, []


def _forms(view: View, word: str) -> list[Alternative]:
    """Forms of a word that stemming misses, such as `entschuldigte`; in Hebrew, spellings without ו and י."""
    found = list(other_hebrew_spellings(view, normalize(word)))
    for stem in query_terms(word, view.languages):
        if len(stem) >= _MIN_STEM_LENGTH and not is_hebrew(stem):
            longer = forms_with_prefix(view, stem)
            found += [form for form in longer if len(form) <= max(len(stem) + _MAX_ENDING, len(word))]
    visible = (form for form in dict.fromkeys(found) if view.has_visible_form(form))
    return [Alternative((form,), _FORM_WEIGHT) for form in islice(visible, _MAX_FORMS)]


def _runs(group: Group, unmatched: Collection[str]) -> Iterator[list[str]]:
    """Yield the runs of adjacent words that match nothing."""
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
            elif isinstance(node, (Phrase, Compound)) and _text(node) in unmatched:
                yield list(node.words)
        if run:
            yield run


def _text(node: Phrase | Compound) -> str:
    """The text of the planned leaf of a phrase or compound."""
    return node.text if isinstance(node, Compound) else " ".join(node.words)


def _visible_names(view: View, planner: Planner, word: str) -> list[tuple[str, ...]]:
    """The nearest names in visible documents, each as a tuple of words."""
    visible = (
        name
        for name in names_like(view, word)
        if match_leaf(view, planner.leaf_of(name, None)).total and _is_shown(view, name)
    )
    return list(islice(visible, _MAX_NAMES))


def _is_shown(view: View, name: Sequence[str]) -> bool:
    """Whether visible documents contain each word of a name in this form."""
    return all(view.has_visible_form(word) for word in name)
