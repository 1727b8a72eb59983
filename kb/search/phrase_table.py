"""Find words and phrases in a query by their stems: synonyms, translations, names of observances."""

from __future__ import annotations

from array import array
from itertools import islice, product
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from kb.caches import text_cache
from kb.search.analysis import MAX_WORD_LENGTH, index_term, is_hebrew, normalize
from kb.search.hebrew import strip_particles, strip_suffixes
from kb.search.words import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

_Value = TypeVar("_Value")

MAX_ENTRY_WORDS = 5
"""Maximum number of words in an entry."""

Entry = tuple[str, ...]
"""The words of an entry, as written."""

Beginnings = dict[str, frozenset[str] | None]
"""Maps the first word of entries to the possible second words, or to None if it is an entry by itself."""

_Form = tuple[int, int]
"""The distance (how many affixes were stripped), and the trie node of what remains."""

_NO_NODE = 0
_NODE_BITS = 24
_MAX_KNOWN_WORDS = 12_000
_KNOWN_PER_WORD = 16


class _WordForms(NamedTuple):
    """The trie nodes of the words that a word may be a form of: the nearest one-word entries, first words of
    longer entries, and words of any entry."""

    nearest: Sequence[int]
    prefixes: Sequence[_Form]
    words: Sequence[_Form]


_NO_FORMS = _WordForms((), (), ())


class PhraseTable(Generic[_Value]):
    """Maps words and phrases to values. A query matches an entry by any form of its words.

    With `other_suffixes`, also by a Hebrew form with another suffix in place of the entry's (מסעדה, מסעדות).
    `candidates` replaces `candidate_terms`: it returns the terms that a word may be a form of, each with its
    distance from the word.
    """

    def __init__(
        self,
        *,
        other_suffixes: bool = False,
        candidates: Callable[[str], Iterable[tuple[int, str]]] | None = None,
    ) -> None:
        self._other_suffixes = other_suffixes
        self._candidate_terms = candidates or candidate_terms
        # Entries are the paths of a trie. Nodes and words are integers, and a step is one integer that packs
        # both, which takes less memory and time than tuples of words.
        self._words: dict[str, int] = {}
        self._steps: dict[int, int] = {}
        self._last_words = [""]
        self._parents = array("i", [_NO_NODE])
        self._values: list[_Value | None] = [None]
        self._stems: dict[int, list[int]] = {}
        self._prefixes: set[int] = set()
        self._size = 0
        # Two generations: once the newer one is full, the older one is forgotten, and no word of a long text
        # has to be found twice because others came before it.
        self._known: dict[str, _WordForms] = {}
        self._older: dict[str, _WordForms] = {}

    def __len__(self) -> int:
        return self._size

    def get(self, key: Entry) -> _Value | None:
        """The value under a lookup key."""
        node = _NO_NODE
        for word in key:
            number = self._words.get(word, _NO_NODE)
            node = self._steps.get(node << _NODE_BITS | number, _NO_NODE) if node else number
            if not node:
                return None
        return self._values[node]

    def put(self, key: Entry, value: _Value) -> None:
        """Set the value under a lookup key of at least one word."""
        node = self._add(key)
        if self._values[node] is None:
            self._size += 1
            stems = [_stems(word) for word in key] if self._other_suffixes else []
            if any(len(each) > 1 for each in stems):
                for entry in islice(product(*stems), 1, None):  # skips the key itself
                    self._stems.setdefault(self._add(entry), []).append(node)
            self._known.clear()
            self._older.clear()
        self._values[node] = value

    def _add(self, key: Entry) -> int:
        """Return the node of an entry, and create it if it is missing."""
        node, *others = [self._words.get(word) or self._add_word(word) for word in key]
        if others:
            self._prefixes.add(node)
        for word, number in zip(key[1:], others, strict=True):
            step = node << _NODE_BITS | number
            node = self._steps.get(step) or self._steps.setdefault(step, self._add_node(word, node))
        return node

    def _add_word(self, word: str) -> int:
        return self._words.setdefault(word, self._add_node(word, _NO_NODE))

    def _add_node(self, word: str, parent: int) -> int:
        self._last_words.append(word)
        self._parents.append(parent)
        self._values.append(None)
        return len(self._values) - 1

    def to_data(self, stored: Callable[[_Value], Any]) -> dict[str, Any]:
        """The entries as plain data, with what `stored` makes of each value, for `add_data`."""
        numbers = range(1, len(self._values))
        return {
            "parents": self._parents.tolist()[1:],
            "words": [self._last_words[node] for node in numbers if not self._parents[node]],
            "steps": [self._words[self._last_words[node]] for node in numbers if self._parents[node]],
            "values": [None if value is None else stored(value) for value in self._values[1:]],
            "stems": [*self._stems.items()],
        }

    def add_data(self, data: Mapping[str, Any], restored: Callable[[Any], _Value]) -> None:
        """Add the entries of another table with the same options to this empty one."""
        words, steps = iter(data["words"]), iter(data["steps"])
        for node, parent in enumerate(data["parents"], 1):
            if parent:
                number = next(steps)
                self._steps[parent << _NODE_BITS | number] = node
                self._last_words.append(self._last_words[number])
                if not self._parents[parent]:
                    self._prefixes.add(parent)
            else:
                word = next(words)
                self._words[word] = node
                self._last_words.append(word)
            self._parents.append(parent)
        self._values += [None if value is None else restored(value) for value in data["values"]]
        self._stems.update((node, others) for node, others in data["stems"])
        self._size = len(self._values) - self._values.count(None)

    def beginnings(self) -> Beginnings:
        """The beginnings of the entries."""
        return beginnings_of(
            (self._last_words[node],) if not parent else (self._last_words[parent], self._last_words[node])
            for node, parent in enumerate(self._parents)
            if node and (not self._parents[parent] if parent else self._values[node] is not None)
        )

    def values(self) -> Iterable[_Value]:
        """The values of all entries."""
        return (value for value in self._values if value is not None)

    def has_any(self, query_words: Iterable[str]) -> bool:
        """Whether any word of a query may be a form of a word in an entry."""
        return any(self._forms(word).words for word in query_words)

    def starts(self, query_words: Sequence[str]) -> list[int]:
        """The indexes of the words of a query at which an entry may begin."""
        first = {word for word in {*query_words} if self._may_begin(word)}
        return [number for number, word in enumerate(query_words) if word in first] if first else []

    def _may_begin(self, word: str) -> bool:
        nearest, prefixes, _ = self._forms(word)
        return bool(nearest or prefixes)

    def spans(
        self, query_words: Sequence[str], starts: Iterable[int] | None = None
    ) -> Iterator[tuple[int, int, list[Entry]]]:
        """Yield (start, end, lookup keys) for each span of words in a query that is an entry.

        If a span may be several entries, those nearest to what was typed count: with the fewest particles and
        suffixes stripped. An empty word is in no entry. With `starts`, only spans that begin at these
        indexes.
        """
        for start, end, nearest in self._nodes(query_words, starts):
            yield start, end, list(map(self._key, nearest))

    def values_in(
        self, query_words: Sequence[str], starts: Iterable[int] | None = None
    ) -> Iterator[tuple[int, int, list[_Value]]]:
        """Yield (start, end, values) for each span of words that is an entry, as `spans` finds them."""
        values = self._values
        for start, end, nearest in self._nodes(query_words, starts):
            yield start, end, [value for node in nearest if (value := values[node]) is not None]

    def _nodes(
        self, query_words: Sequence[str], starts: Iterable[int] | None = None
    ) -> Iterator[tuple[int, int, Sequence[int]]]:
        """Yield (start, end, trie nodes) for each span of words that is an entry."""
        known, find, steps = self._known.get, self._find_forms, self._steps
        longer: dict[tuple[str, ...], list[tuple[int, Sequence[int]]]] = {}
        last = len(query_words) - 1
        for start in self.starts(query_words) if starts is None else starts:
            word = query_words[start]
            nearest, nodes, _ = known(word) or find(word)
            if nearest:
                yield start, start + 1, nearest
            if not nodes or start == last:
                continue
            word = query_words[start + 1]
            _, _, following = known(word) or find(word)
            # A comprehension takes less time than a loop: there are few pairs.
            pairs = [
                (distance + more, step)
                for distance, node in nodes
                for more, number in following
                if (step := steps.get(node << _NODE_BITS | number))
            ]
            if pairs:
                span = tuple(query_words[start : start + MAX_ENTRY_WORDS])
                found = longer.get(span)
                if found is None:  # memoized: texts repeat themselves
                    found = longer[span] = [*self._longer(span, pairs)]
                for count, nearest in found:
                    yield start, start + count, nearest

    def _longer(
        self, query_words: Sequence[str], nodes: Sequence[_Form]
    ) -> Iterator[tuple[int, Sequence[int]]]:
        """Yield (word count, nodes) for the entries of two or more words with which a query begins, given the
        nodes of its first two words.
        """
        steps = self._steps
        if nearest := self._nearest(nodes):
            yield 2, nearest
        for end, word in enumerate(query_words[2:], 3):
            following = self._forms(word).words
            nodes = [
                (distance + more, step)
                for distance, node in nodes
                for more, number in following
                if (step := steps.get(node << _NODE_BITS | number))
            ]
            if not nodes:
                return
            if nearest := self._nearest(nodes):
                yield end, nearest

    def _nearest(self, forms: Iterable[_Form]) -> Sequence[int]:
        """The nodes of the entries nearest to what was typed, among the forms of a span."""
        by_distance: dict[int, dict[int, None]] = {}
        for distance, node in forms:
            if self._values[node] is not None:
                by_distance.setdefault(distance, {})[node] = None
            for other in self._stems.get(node, ()):
                by_distance.setdefault(distance + 1, {})[other] = None
        return tuple(by_distance[min(by_distance)]) if by_distance else ()

    def _key(self, node: int) -> Entry:
        """The lookup key that ends at a node."""
        words = []
        while node:
            words.append(self._last_words[node])
            node = self._parents[node]
        return tuple(reversed(words))

    def _forms(self, word: str) -> _WordForms:
        return self._known.get(word) or self._find_forms(word)

    def _find_forms(self, word: str) -> _WordForms:
        """Find what a word may be a form of. Small tables, which are many, memoize only a few words."""
        forms = self._older.get(word) or self._forms_of(word)
        if 2 * len(self._known) >= min(_MAX_KNOWN_WORDS, _KNOWN_PER_WORD * len(self._words)):
            self._older = self._known.copy()
            self._known.clear()
        if len(word) <= MAX_WORD_LENGTH:
            self._known[word] = forms
        return forms

    def _forms_of(self, word: str) -> _WordForms:
        terms = self._candidate_terms(word) if word else ()
        found = [(distance, self._words[term]) for distance, term in terms if term in self._words]
        if not found:
            return _NO_FORMS
        prefixes = [form for form in found if form[1] in self._prefixes]
        return _WordForms(self._nearest(found), prefixes, found)


def beginnings_of(keys: Iterable[Entry]) -> Beginnings:
    """The beginnings of the entries under these lookup keys."""
    found: dict[str, set[str] | None] = {}
    for first, *others in keys:
        if not others:
            found[first] = None
        elif (seconds := found.setdefault(first, set())) is not None:
            seconds.add(others[0])
    shared: dict[frozenset[str] | None, frozenset[str] | None] = {}
    frozen = ((first, None if seconds is None else frozenset(seconds)) for first, seconds in found.items())
    return {first: shared.setdefault(seconds, seconds) for first, seconds in frozen}


def entry_of(text: str) -> Entry:
    """The words of an entry."""
    return tuple(words(text))


def lookup_key(entry: Entry) -> Entry:
    """The key under which an entry is looked up: stems, and normalized Hebrew words."""
    return tuple(_term(word) for word in entry)


def _stems(word: str) -> list[str]:
    """A word of a lookup key and, in Hebrew, the word without each possible suffix."""
    return list(strip_suffixes(word)) if is_hebrew(word) else [word]


def _term(word: str) -> str:
    normal = normalize(word)
    return normal if is_hebrew(normal) else index_term(word, "en")


def candidate_terms(word: str) -> tuple[tuple[int, str], ...]:
    """The terms that a query word may be a form of, each with its distance (how many affixes were
    stripped)."""
    return _candidate_terms(word[:MAX_WORD_LENGTH])


@text_cache(2_000)  # shared by tables that are queried in turn; each also memoizes its own words
def _candidate_terms(word: str) -> tuple[tuple[int, str], ...]:
    term = _term(word)
    if not is_hebrew(term):
        return ((0, term),)
    distances: dict[str, int] = {}
    for particles, base in enumerate(strip_particles(term)):
        for suffixes, stem in enumerate(strip_suffixes(base)):
            distances.setdefault(stem, particles + min(suffixes, 1))
    return tuple(sorted((distance, stem) for stem, distance in distances.items()))
