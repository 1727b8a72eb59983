"""The query planner: turns the words of a query into weighted terms that a view can see."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kb.search.analysis import informative_terms, is_stopword, normalize
from kb.search.query import Compound, Group, Phrase, Prefix, Word, is_condition
from kb.search.sentences import is_sentence, request_words
from kb.search.signs import is_sign
from kb.search.whoosh_engine.format.layout import INDEXED_TEXT_FIELDS
from kb.search.whoosh_engine.querying.clauses import Clauses, Leaf
from kb.search.whoosh_engine.querying.expansion import JOINED_WEIGHT, Expander
from kb.search.whoosh_engine.querying.vocabulary import MAX_PREFIX_FORMS, terms_with_prefix
from kb.search.words import split_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kb.search.lexicon import Lexicon
    from kb.search.query import Node
    from kb.search.whoosh_engine.querying.clauses import Clause, MultiPhrase
    from kb.search.whoosh_engine.querying.expansion import Alternative, Fallbacks
    from kb.search.whoosh_engine.querying.view import View

_NO_FALLBACKS: Fallbacks = {}

_PART_WEIGHT = 0.3
"""The weight of a word of a compound on its own; the compound as a whole has 1."""


MAX_FORMS_OF_PREFIXES = 512
"""Maximum number of words that all prefixes of a query expand to, in total."""

FEW_PREFIXES, MAX_FORMS_OF_MANY_PREFIXES = 5, 256
"""Nobody types more prefixes than this; together, they expand to fewer words."""


class Planner:
    """Plans queries for a view, with a lexicon."""

    def __init__(self, view: View, lexicon: Lexicon, fallbacks: Fallbacks = _NO_FALLBACKS) -> None:
        self._view = view
        self._forms_of_prefix = MAX_PREFIX_FORMS
        self._expander = Expander(view, lexicon, fallbacks)

    def plan(self, root: Group) -> Clauses:
        """The clauses of a query, without stopwords and requests, unless it has no other words."""
        prefixes = sum(1 for node in _nodes(root) if isinstance(node, Prefix))
        most = MAX_FORMS_OF_PREFIXES if prefixes <= FEW_PREFIXES else MAX_FORMS_OF_MANY_PREFIXES
        self._forms_of_prefix = min(MAX_PREFIX_FORMS, most // max(prefixes, 1))
        words = frozenset(node.text for node in _unfielded(root) if isinstance(node, Word))
        if any(not isinstance(node, Word) for node in _unfielded(root)):
            stopwords = frozenset(word for word in words if is_stopword(normalize(word)))
        else:
            stopwords = words - informative_terms(words, self._expander.languages)
        clauses = self._clauses(root, stopwords | request_words(root))
        return replace(clauses, is_sentence=True) if is_sentence(root) else clauses

    def _clauses(self, group: Group, stopwords: frozenset[str]) -> Clauses:
        return Clauses(
            tuple(self._plan_nodes([node for node in group.must if is_condition(node)], stopwords)),
            tuple(self._plan_nodes([node for node in group.must if not is_condition(node)], stopwords)),
            tuple(self._plan_nodes(group.should, stopwords, optional=True)),
            tuple(self._plan_nodes(group.must_not, stopwords)),
        )

    def _plan_nodes(
        self, nodes: Sequence[Node], stopwords: frozenset[str], *, optional: bool = False
    ) -> Iterator[Clause]:
        alternatives = self.alternatives(nodes) if nodes else {}
        for number, node in enumerate(nodes):
            match node:
                case Word():
                    if not optional or node.field is not None or node.text not in stopwords:
                        yield from self._word(node, alternatives.get(number, ()))
                case Compound():
                    yield from self._compound(node, alternatives.get(number, ()))
                case Phrase():
                    yield self._phrase(node)
                case Prefix():
                    yield self._prefix(node)
                case Group():
                    yield self._clauses(node, stopwords)
                case _:
                    yield node

    def alternatives(self, nodes: Sequence[Node]) -> Mapping[int, list[Alternative]]:
        """Map the index of a node to the alternatives for it, or for a run of nodes that contains it."""
        words: list[str] = []
        ends: dict[int, int] = {}  # by end offset of a node in `words`: the index of the next node
        starts: dict[int, int] = {}
        for number, node in enumerate(nodes):
            starts[len(words)] = number
            match node:
                case Compound():
                    if is_sign(node.words[0]):  # `$800 million` is an amount of 800 million
                        starts[len(words) + 1] = number
                    words += node.words
                case Word():
                    words.append(node.text)
                case _:
                    words.append("")
            ends[len(words)] = number + 1
        found: dict[int, list[Alternative]] = {}
        for start, end, alternative in self._expander.alternatives(words):
            if start in starts and end in ends:
                # The words that it replaces share its weight.
                share = alternative._replace(weight=alternative.weight / (end - start))
                for number in range(starts[start], ends[end]):
                    found.setdefault(number, []).append(share)
        return found

    def leaf_of(self, words: Sequence[str], field: str | None) -> Leaf:
        """The leaf of a word or a phrase by itself, without alternatives."""
        weighted = dict(self._expander.word(words[0])) if len(words) == 1 else {}
        phrases = [] if len(words) == 1 else [self._expander.phrase(words, 1.0)]
        return self._leaf(" ".join(words), _field_number(field), weighted, phrases, ())

    def _word(self, word: Word, alternatives: Sequence[Alternative]) -> Iterator[Leaf]:
        field = _field_number(word.field)
        for part in split_word(word.text):
            yield self._leaf(part, field, dict(self._expander.word(part)), [], alternatives)

    def _leaf(
        self,
        text: str,
        field: int | None,
        weighted: dict[str, float],
        phrases: list[MultiPhrase],
        alternatives: Sequence[Alternative],
    ) -> Leaf:
        foreign_terms: dict[str, float] = {}
        foreign_phrases: list[MultiPhrase] = []
        for words, weight, foreign, named in alternatives:
            if named is not None:
                if field is None:
                    weighted.setdefault(named, weight)
                continue
            if len(words) > 1:
                # The words of a phrase share its weight.
                phrase = self._expander.phrase(words, weight / len(words), typed=False)
                (foreign_phrases if foreign else phrases).append(phrase)
                continue
            terms = foreign_terms if foreign else weighted
            for term, factor in self._expander.lemma(words[0]):
                terms[term] = max(terms.get(term, 0.0), factor * weight)
        translated = None
        only_foreign = {term: weight for term, weight in foreign_terms.items() if term not in weighted}
        if only_foreign or foreign_phrases:
            translated = Leaf(text, field, tuple(only_foreign.items()), tuple(dict.fromkeys(foreign_phrases)))
        return Leaf(text, field, tuple(weighted.items()), tuple(dict.fromkeys(phrases)), translated)

    def _compound(self, compound: Compound, alternatives: Sequence[Alternative]) -> Iterator[Leaf]:
        """Yield a leaf for the compound as a whole, and one for the whole or any of its words."""
        field = _field_number(compound.field)
        joined = {}
        if not all(map(str.isdigit, compound.words)):  # 9/11 is not 911
            spelled = self._expander.word("".join(compound.words))
            joined = {term: weight * JOINED_WEIGHT for term, weight in spelled}
        phrases = [self._expander.phrase(compound.words, 1.0)]
        if "&" in compound.text:
            phrases.append(self._expander.phrase(" and ".join(compound.words).split(), JOINED_WEIGHT))
        whole = self._leaf(compound.text, field, joined, phrases, alternatives)
        yield whole
        parts: dict[str, float] = {}
        for word in compound.words:
            if not is_stopword(normalize(word)) and not is_sign(word):
                for term, weight in self._expander.word(word):
                    parts.setdefault(term, weight * _PART_WEIGHT)
        if parts:
            yield Leaf(
                whole.text, field, tuple({**parts, **dict(whole.terms)}.items()), whole.phrases, whole.foreign
            )

    def _prefix(self, prefix: Prefix) -> Leaf:
        start = normalize(prefix.text)
        terms = tuple((term, 1.0) for term in terms_with_prefix(self._view, start, self._forms_of_prefix))
        return Leaf(f"{prefix.text}*", _field_number(prefix.field), terms)

    def _phrase(self, phrase: Phrase) -> Leaf:
        size = len(phrase.words)
        alternatives = []
        phrases = [self._expander.phrase(phrase.words, 1.0)]
        for start, end, alternative in self._expander.alternatives(phrase.words):
            if (start, end) == (0, size):
                alternatives.append(alternative)
            elif alternative.weight == JOINED_WEIGHT:
                words = (*phrase.words[:start], *alternative.words, *phrase.words[end:])
                phrases.append(self._expander.phrase(words, JOINED_WEIGHT))
        return self._leaf(" ".join(phrase.words), _field_number(phrase.field), {}, phrases, alternatives)


def _field_number(name: str | None) -> int | None:
    return None if name is None else INDEXED_TEXT_FIELDS.index(name)


def _nodes(group: Group) -> Iterator[Node]:
    """Yield all words, phrases and conditions of a query."""
    for node in (*group.must, *group.should, *group.must_not):
        if isinstance(node, Group):
            yield from _nodes(node)
        else:
            yield node


def _unfielded(group: Group) -> Iterator[Word | Phrase | Compound | Prefix]:
    """Yield the words and phrases without a field, except excluded ones."""
    for node in (*group.must, *group.should):
        if isinstance(node, Group):
            yield from _unfielded(node)
        elif isinstance(node, (Word, Phrase, Compound, Prefix)) and node.field is None:
            yield node
