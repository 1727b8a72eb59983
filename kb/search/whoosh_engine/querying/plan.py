"""The query planner: turns the words of a query into weighted terms of one snapshot of the index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.search.analysis import informative_terms, is_hebrew, normalize, query_terms
from kb.search.hebrew import EXPANSION_WEIGHT
from kb.search.query import DateCondition, Group, Phrase, TermCondition, Word, is_condition
from kb.search.whoosh_engine.format.layout import INDEXED_TEXT_FIELDS
from kb.search.whoosh_engine.querying.vocabulary import hebrew_variants
from kb.search.words import split_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kb.search.query import Node
    from kb.search.synonyms import Synonyms
    from kb.search.whoosh_engine.querying.snapshot import Snapshot

SYNONYM_WEIGHT = 0.7
"""The weight of a synonym; the word that was typed has 1."""

WeightedTerms = tuple[tuple[str, float], ...]
"""Terms and their weights."""


@dataclass(frozen=True, slots=True)
class MultiPhrase:
    """A phrase with alternative terms at each position."""

    positions: tuple[WeightedTerms, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Leaf:
    """A word or phrase, planned: it matches any of the terms and phrases, in one field or (None) in any."""

    text: str
    field: int | None
    terms: WeightedTerms
    phrases: tuple[MultiPhrase, ...] = ()


@dataclass(frozen=True, slots=True)
class Clauses:
    """A group, planned: its words are leaves, and its conditions are apart from what else is required."""

    conditions: tuple[Clause, ...] = ()
    must: tuple[Clause, ...] = ()
    should: tuple[Clause, ...] = ()
    must_not: tuple[Clause, ...] = ()


Clause = Leaf | Clauses | TermCondition | DateCondition


class Planner:
    """Plans queries, given the vocabulary and the languages of a snapshot, and synonyms."""

    def __init__(self, snapshot: Snapshot, synonyms: Synonyms | None) -> None:
        self._snapshot = snapshot
        self._synonyms = synonyms
        self._languages = snapshot.languages or ("en",)

    def plan(self, root: Group) -> Clauses:
        """The clauses of a query, without stopwords unless it has no other words."""
        words = frozenset(_unfielded_words(root))
        return self._clauses(root, words - informative_terms(words, self._languages))

    def _clauses(self, group: Group, stopwords: frozenset[str]) -> Clauses:
        return Clauses(
            tuple(self._plan_nodes([node for node in group.must if is_condition(node)], stopwords)),
            tuple(self._plan_nodes([node for node in group.must if not is_condition(node)], stopwords)),
            tuple(
                self._plan_nodes(
                    [node for node in group.should if not _is_stopword(node, stopwords)], stopwords
                )
            ),
            tuple(self._plan_nodes(group.must_not, stopwords)),
        )

    def _plan_nodes(self, nodes: Sequence[Node], stopwords: frozenset[str]) -> Iterator[Clause]:
        synonyms = self._synonyms_of(nodes)
        for number, node in enumerate(nodes):
            if isinstance(node, Word):
                yield from self._word(node, synonyms.get(number, ()))
            elif isinstance(node, Phrase):
                yield self._phrase(node)
            elif isinstance(node, Group):
                yield self._clauses(node, stopwords)
            else:
                yield node

    def _synonyms_of(self, nodes: Sequence[Node]) -> Mapping[int, list[tuple[str, ...]]]:
        """By the number of a node, the synonyms of the word, and of the phrases that it is part of."""
        found: dict[int, list[tuple[str, ...]]] = {}
        if self._synonyms is None:
            return found
        texts = [node.text if isinstance(node, Word) else "" for node in nodes]
        for start, end, alternatives in self._synonyms.alternatives(texts):
            for number in range(start, end):
                found.setdefault(number, []).extend(alternatives)
        return found

    def _word(self, word: Word, synonyms: Sequence[tuple[str, ...]]) -> Iterator[Leaf]:
        field = None if word.field is None else INDEXED_TEXT_FIELDS.index(word.field)
        for part in split_word(word.text):
            weighted = dict(self._expand(part))
            phrases = []
            for words in synonyms:
                if len(words) > 1:
                    phrases.append(self._multi_phrase(words, SYNONYM_WEIGHT))
                else:
                    for term, weight in self._expand(words[0]):
                        weighted.setdefault(term, weight * SYNONYM_WEIGHT)
            yield Leaf(part, field, tuple(weighted.items()), tuple(dict.fromkeys(phrases)))

    def _phrase(self, phrase: Phrase) -> Leaf:
        field = None if phrase.field is None else INDEXED_TEXT_FIELDS.index(phrase.field)
        alternatives = []
        if self._synonyms is not None:
            for start, end, others in self._synonyms.alternatives(phrase.words):
                if (start, end) == (0, len(phrase.words)):
                    alternatives = list(others)
        phrases = [self._multi_phrase(phrase.words, 1.0)]
        phrases += [self._multi_phrase(words, SYNONYM_WEIGHT) for words in alternatives]
        return Leaf(" ".join(phrase.words), field, (), tuple(dict.fromkeys(phrases)))

    def _multi_phrase(self, words: Sequence[str], weight: float) -> MultiPhrase:
        positions = (self._expand(part) for word in words for part in split_word(word))
        return MultiPhrase(tuple(terms for terms in positions if terms), weight)

    def _expand(self, word: str) -> WeightedTerms:
        """The terms of a word: its own in each language of the index, and the variants of a Hebrew word."""
        weighted = dict.fromkeys(sorted(query_terms(word, self._languages)), 1.0)
        normal = normalize(word)
        if is_hebrew(normal):
            for variant in hebrew_variants(self._snapshot.segments, normal):
                weighted.setdefault(variant, EXPANSION_WEIGHT)
        return tuple(weighted.items())


def term_leaf(term: str) -> Leaf:
    """A leaf of a single index term, in any field."""
    return Leaf(term, None, ((term, 1.0),))


def leaves(clauses: Clauses) -> Iterator[Leaf]:
    """The leaves of all clauses but those of `must_not`."""
    for clause in (*clauses.conditions, *clauses.must, *clauses.should):
        if isinstance(clause, Leaf):
            yield clause
        elif isinstance(clause, Clauses):
            yield from leaves(clause)


def _unfielded_words(group: Group) -> Iterator[str]:
    for node in (*group.must, *group.should):
        if isinstance(node, Group):
            yield from _unfielded_words(node)
        elif isinstance(node, Word) and node.field is None:
            yield node.text


def _is_stopword(node: Node, stopwords: frozenset[str]) -> bool:
    return isinstance(node, Word) and node.field is None and node.text in stopwords
