"""From a query to what is looked up in one state of the index: terms, with their weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.search.analysis import informative_terms, is_hebrew, normalize, query_terms, split_word
from kb.search.hebrew import EXPANSION_WEIGHT
from kb.search.query import DateCondition, Group, Phrase, TermCondition, Word, is_condition
from kb.search.whoosh_engine.format.layout import TEXT_FIELDS
from kb.search.whoosh_engine.querying.vocabulary import hebrew_variants

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kb.search.query import Node
    from kb.search.synonyms import Synonyms
    from kb.search.whoosh_engine.querying.snapshot import Snapshot

SYNONYM_WEIGHT = 0.7
"""What a synonym counts beside the word that was typed, at 1."""

Weighted = tuple[tuple[str, float], ...]
"""Terms, each with what it counts."""


@dataclass(frozen=True, slots=True)
class Run:
    """Terms that stand beside each other; each place takes any of its terms."""

    places: tuple[Weighted, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Leaf:
    """What stands for one word or phrase of a query; `field` is the number of the one field, or None."""

    text: str
    field: int | None
    terms: Weighted
    runs: tuple[Run, ...] = ()


@dataclass(frozen=True, slots=True)
class Clauses:
    """A group whose words have become leaves; what must be is apart from the conditions."""

    conditions: tuple[Clause, ...] = ()
    must: tuple[Clause, ...] = ()
    should: tuple[Clause, ...] = ()
    must_not: tuple[Clause, ...] = ()


Clause = Leaf | Clauses | TermCondition | DateCondition


class Planner:
    """Reads queries by the words, the languages and the synonyms of one state of the index."""

    def __init__(self, snapshot: Snapshot, synonyms: Synonyms | None) -> None:
        self._snapshot = snapshot
        self._synonyms = synonyms
        self._languages = snapshot.languages or ("en",)

    def plan(self, root: Group) -> Clauses:
        """The clauses of a query; words that tell nothing are left out, unless there is no other."""
        loose = frozenset(_loose_words(root))
        return self._clauses(root, loose - informative_terms(loose, self._languages))

    def _clauses(self, group: Group, idle: frozenset[str]) -> Clauses:
        return Clauses(
            tuple(self._each([node for node in group.must if is_condition(node)], idle)),
            tuple(self._each([node for node in group.must if not is_condition(node)], idle)),
            tuple(self._each([node for node in group.should if not _is_idle(node, idle)], idle)),
            tuple(self._each(group.must_not, idle)),
        )

    def _each(self, nodes: Sequence[Node], idle: frozenset[str]) -> Iterator[Clause]:
        similar = self._similar(nodes)
        for number, node in enumerate(nodes):
            if isinstance(node, Word):
                yield from self._word(node, similar.get(number, ()))
            elif isinstance(node, Phrase):
                yield self._phrase(node)
            elif isinstance(node, Group):
                yield self._clauses(node, idle)
            else:
                yield node

    def _similar(self, nodes: Sequence[Node]) -> Mapping[int, list[tuple[str, ...]]]:
        """By the number of a word, what else is said for it, or for a run of words that it is in."""
        found: dict[int, list[tuple[str, ...]]] = {}
        if self._synonyms is None:
            return found
        texts = [node.text if isinstance(node, Word) else "" for node in nodes]
        for start, end, alternatives in self._synonyms.alternatives(texts):
            for number in range(start, end):
                found.setdefault(number, []).extend(alternatives)
        return found

    def _word(self, word: Word, similar: Sequence[tuple[str, ...]]) -> Iterator[Leaf]:
        field = None if word.field is None else TEXT_FIELDS.index(word.field)
        for part in split_word(word.text):
            weighted = dict(self._weighted(part))
            runs = []
            for words in similar:
                if len(words) > 1:
                    runs.append(self._run(words, SYNONYM_WEIGHT))
                else:
                    for term, weight in self._weighted(words[0]):
                        weighted.setdefault(term, weight * SYNONYM_WEIGHT)
            yield Leaf(part, field, tuple(weighted.items()), tuple(dict.fromkeys(runs)))

    def _phrase(self, phrase: Phrase) -> Leaf:
        field = None if phrase.field is None else TEXT_FIELDS.index(phrase.field)
        alternatives = []
        if self._synonyms is not None:
            for start, end, others in self._synonyms.alternatives(phrase.words):
                if (start, end) == (0, len(phrase.words)):
                    alternatives = list(others)
        runs = [self._run(phrase.words, 1.0)]
        runs += [self._run(words, SYNONYM_WEIGHT) for words in alternatives]
        return Leaf(" ".join(phrase.words), field, (), tuple(dict.fromkeys(runs)))

    def _run(self, words: Sequence[str], weight: float) -> Run:
        places = (self._weighted(part) for word in words for part in split_word(word))
        return Run(tuple(place for place in places if place), weight)

    def _weighted(self, word: str) -> Weighted:
        """The terms that a word stands for: its own in each language, and the forms of a Hebrew one."""
        weighted = dict.fromkeys(sorted(query_terms(word, self._languages)), 1.0)
        normal = normalize(word)
        if is_hebrew(normal):
            for form in hebrew_variants(self._snapshot.segments, normal):
                weighted.setdefault(form, EXPANSION_WEIGHT)
        return tuple(weighted.items())


def leaves(clauses: Clauses) -> Iterator[Leaf]:
    """Every leaf that a document may match, those that it must not match left out."""
    for clause in (*clauses.conditions, *clauses.must, *clauses.should):
        if isinstance(clause, Leaf):
            yield clause
        elif isinstance(clause, Clauses):
            yield from leaves(clause)


def _loose_words(group: Group) -> Iterator[str]:
    for node in (*group.must, *group.should):
        if isinstance(node, Group):
            yield from _loose_words(node)
        elif isinstance(node, Word) and node.field is None:
            yield node.text


def _is_idle(node: Node, idle: frozenset[str]) -> bool:
    return isinstance(node, Word) and node.field is None and node.text in idle
