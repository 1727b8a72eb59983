"""Concepts: sensitive subjects and marketing moves, recognized in a text by words and phrases.

A draft makes the joke, an incident describes it: they may share a concept without sharing a word. The table
is data, `seeds/lexicon.yaml`, which documents its format; a team can extend it in its data folder.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.search.phrase_table import Entry, PhraseTable, entry_of
from kb.search.signs import is_sign
from kb.search.word_forms import ANY_NUMBER, candidate_forms, entry_form
from kb.search.word_lists import word_list
from kb.search.words import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

_MIN_PLURAL_LENGTH = 4
_NO_PLURALS = frozenset("yours theirs always perhaps besides".split())
_MIN_PART_LENGTH = 3
SHORT_WORDS = frozenset(
    "a am an as at be by do go he hi if i in is it me my no of on or so to up us we".split()
)
"""The English words of one or two letters that may be part of a hashtag."""

_MAX_PARTS = 5
_MAX_PART_LENGTH = 16
_COMMON_CENTIBELS = 480
"""The rarity limit for a word in a hashtag: one in sixty thousand words."""

RISKY_WEIGHT = 1.3
"""The weight of a sensitive subject; a marketing move has 1."""

AMBIGUOUS_WEIGHT = 0.4
"""The weight of words that may mean something else; clear ones have 1."""

LISTS = ("phrases", "ambiguous", "except")
"""The lists of a concept: clear evidence, ambiguous words, and expressions in which they are harmless."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """A concept. `risky` marks a sensitive subject, in contrast to a marketing move.

    `themes` and `failure_modes` are the terms of the taxonomy that mark an incident with the concept.
    """

    key: str
    labels: Mapping[str, str] = field(default_factory=dict)
    risky: bool = False
    themes: tuple[str, ...] = ()
    failure_modes: tuple[str, ...] = ()


_PREFIXES = frozenset("בהוכלמש")
"""Letters that Hebrew writes together with the word that follows."""


class ConceptHit(NamedTuple):
    """Words (`start` to `end`, exclusive) that touch a concept; not `clear` if they are ambiguous."""

    concept: str
    start: int
    end: int
    clear: bool

    @property
    def words(self) -> range:
        """The indexes of the words."""
        return range(self.start, self.end)


class _Senses(NamedTuple):
    """The senses of a phrase: (concept, is clear) pairs in order, and the concepts that it masks."""

    evidence: tuple[tuple[str, bool], ...] = ()
    masked: frozenset[str] = frozenset()


@cache
def _with_sense(senses: _Senses | None, name: str, key: str) -> _Senses:
    """Add an entry in one of LISTS to the senses of a phrase; equal senses share one object.

    Clear evidence of a concept overrides an ambiguous entry.
    """
    evidence, masked = senses or _Senses()
    if name == "except":
        return _Senses(evidence, masked | {key})
    clear = name == "phrases" or dict(evidence).get(key, False)
    return _Senses(tuple(sorted({**dict(evidence), key: clear}.items())), masked)


def table_data(content: Mapping[str, Mapping[str, Any]], stopwords: Sequence[str]) -> dict[str, Any]:
    """Derive the data of a `ConceptTable`, as plain values that can be stored."""
    digest = sha256(json.dumps(sorted(stopwords)).encode())
    for key in sorted(content):
        digest.update(json.dumps([key, content[key]], ensure_ascii=False, sort_keys=True).encode())
    table: PhraseTable[_Senses] = PhraseTable(candidates=candidate_forms)
    glued: dict[str, Entry] = {}
    for key, row in content.items():
        for name in LISTS:
            for language, texts in row.get(name, {}).items():
                for entry in (entry for text in texts for entry in _entries(text)):
                    table.put(entry, _with_sense(table.get(entry), name, key))
                if language == "he":
                    glued.update(("".join(words), words) for words in map(entry_of, texts) if words[1:])
    _with_sense.cache_clear()
    senses: dict[_Senses, int] = {}
    for each in table.values():
        senses.setdefault(each, len(senses))
    return {
        "concepts": [
            (
                key,
                {"en": key, **row.get("labels", {})},
                row.get("risky", False),
                row.get("themes", ()),
                row.get("failure_modes", ()),
            )
            for key, row in content.items()
        ],
        "digest": digest.hexdigest(),
        "stopwords": [entry_form(word) for text in stopwords for word in entry_of(text)],
        "senses": [(each.evidence, [*each.masked]) for each in senses],
        "phrases": table.to_data(senses.__getitem__),
        "glued": [*glued.values()],
    }


class ConceptTable:
    """The concepts with their words and phrases. Immutable; compared by identity."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        """Build the table from what `table_data` derived."""
        self.concepts = {
            key: Concept(
                key=key, labels=labels, risky=risky, themes=tuple(themes), failure_modes=tuple(failure_modes)
            )
            for key, labels, risky, themes, failure_modes in data["concepts"]
        }
        self.digest: str = data["digest"]
        """A hash of the whole content."""
        self.stopwords = frozenset(data["stopwords"])
        senses = [
            _Senses(tuple((key, clear) for key, clear in evidence), frozenset(masked))
            for evidence, masked in data["senses"]
        ]
        self._table: PhraseTable[_Senses] = PhraseTable(candidates=candidate_forms)
        self._table.add_data(data["phrases"], senses.__getitem__)
        self._glued: dict[str, Entry] = {"".join(words): tuple(words) for words in data["glued"]}
        self.beginnings = self._table.beginnings()
        """Where words and phrases may begin: a prefilter for the `starts` of hits."""
        self._by_term = _keys_by_term(self.concepts.values())

    @classmethod
    def of(cls, content: Mapping[str, Mapping[str, Any]], stopwords: Sequence[str] = ()) -> ConceptTable:
        """Build a table from concepts by key, as in the file."""
        return cls(table_data(content, stopwords))

    def __len__(self) -> int:
        """The number of words and phrases."""
        return len(self._table)

    def hits(self, text_words: Sequence[str], starts: Iterable[int] | None = None) -> list[ConceptHit]:
        """Find where words touch concepts, in order; an empty word separates phrases. With `starts`, only
        phrases that begin at these indexes.

        An exception removes hits of its concept that overlap it, and ambiguous hits of any concept within it.
        If hits of one concept overlap, the longest wins.
        """
        hits: list[ConceptHit] = []
        group: list[_Reading] = []
        last = 0
        for start, end, found in self._table.values_in(text_words, starts):
            if start >= last and group:
                hits += _resolved(group)
                group = []
            last = max(last, end)
            group += [(start, end, senses) for senses in found]
        return hits + _resolved(group)

    def weigh(self, touches: Mapping[str, Sequence[bool]]) -> dict[str, float]:
        """Weigh each concept by its hits in a text. Each hit is True if it is unambiguous.

        More hits weigh more; ambiguous hits alone weigh less.
        """
        return {
            key: _weight(clear) * (RISKY_WEIGHT if self.concepts[key].risky else 1.0)
            for key, clear in touches.items()
        }

    def split(self, tag: str) -> list[str]:
        """Split a hashtag that is written in one case into words: `notaword` -> `not`, `a`, `word`.

        Uses the fewest words that are common or in the table; returns the tag itself if there is no split.
        A Hebrew tag is split if it is a phrase of the table, with or without a letter before it.
        """
        for phrase in (tag, tag[1:] if tag[:1] in _PREFIXES else ""):
            if words := self._glued.get(phrase):
                return [tag[: len(tag) - len(phrase)] + words[0], *words[1:]]
        return _split(tag.lower(), self._is_word) or [tag]

    def _is_word(self, word: str) -> bool:
        if len(word) < _MIN_PART_LENGTH:
            return word in SHORT_WORDS
        if self._table.get((entry_form(word),)) is not None:
            return True
        listed = word_list("en")
        frequency = listed.centibels(word) if listed and word.isascii() else None
        return frequency is not None and frequency <= _COMMON_CENTIBELS

    def concepts_of_terms(self, themes: Iterable[str], failure_modes: Iterable[str]) -> set[str]:
        """The concepts that correspond to terms of the taxonomy."""
        terms = (*(("theme", key) for key in themes), *(("failure_mode", key) for key in failure_modes))
        return {concept for term in terms for concept in self._by_term.get(term, ())}


def _weight(clear: Sequence[bool]) -> float:
    """The weight of a concept, given for each of its hits in a text whether it is clear."""
    count = sum(clear)
    weight = min(1.5, 0.75 + 0.25 * (count + AMBIGUOUS_WEIGHT * (len(clear) - count)))
    return weight if count else AMBIGUOUS_WEIGHT * weight


def _entries(text: str) -> Iterator[Entry]:
    """Yield the variants of a phrase: as written, with its last word in the singular, with any amount."""
    *first, last = map(entry_form, entry_of(text))
    if any(is_sign(word) for word in (*first, last)):  # 20% off stands for any amount
        yield tuple(ANY_NUMBER if word.isdigit() else word for word in (*first, last))
    yield (*first, last)
    if _is_plural(last):
        yield (*first, last[:-1])


def _is_plural(word: str) -> bool:
    """Whether an English word may be a plural. "Up yours" is not "up your"."""
    return (
        word.isascii()
        and len(word) > _MIN_PLURAL_LENGTH
        and word.endswith("s")
        and not word.endswith("ss")
        and word not in _NO_PLURALS
    )


def _split(tag: str, is_word: Callable[[str], bool]) -> list[str]:
    """Split a tag into the fewest words, at most _MAX_PARTS; empty if that is impossible."""
    best: dict[int, list[str]] = {0: []}
    for end in range(1, len(tag) + 1):
        for start in range(max(0, end - _MAX_PART_LENGTH), end):
            before = best.get(start)
            if before is None or len(before) >= _MAX_PARTS or not is_word(tag[start:end]):
                continue
            if end not in best or len(before) + 1 < len(best[end]):
                best[end] = [*before, tag[start:end]]
    return best.get(len(tag), [])


def _keys_by_term(concepts: Iterable[Concept]) -> dict[tuple[str, str], list[str]]:
    by_term: dict[tuple[str, str], list[str]] = defaultdict(list)
    for concept in concepts:
        for theme in concept.themes:
            by_term["theme", theme].append(concept.key)
        for mode in concept.failure_modes:
            by_term["failure_mode", mode].append(concept.key)
    return dict(by_term)


_Reading = tuple[int, int, _Senses]
"""A phrase in a text: its first word, the one after its last, and its senses."""


def _resolved(readings: Sequence[_Reading]) -> list[ConceptHit]:
    """Resolve overlapping phrases to the hits that count, in order."""
    if len(readings) == 1 and not readings[0][2].masked:  # the usual case
        start, end, senses = readings[0]
        return [ConceptHit(concept, start, end, clear) for concept, clear in senses.evidence]
    hits = [
        ConceptHit(concept, start, end, clear)
        for start, end, senses in readings
        for concept, clear in senses.evidence
    ]
    masks = [(key, start, end) for start, end, senses in readings for key in senses.masked]
    # The longest first; at equal length, clear before ambiguous.
    hits.sort(key=lambda hit: (hit.start - hit.end, not hit.clear, hit.start))
    taken: set[tuple[str, int]] = set()
    kept: list[ConceptHit] = []
    for hit in hits:
        if any(_masks(mask, hit) for mask in masks):
            continue
        if taken.isdisjoint((hit.concept, word) for word in hit.words):
            taken.update((hit.concept, word) for word in hit.words)
            kept.append(hit)
    return sorted(kept, key=lambda hit: (hit.start, hit.end, hit.concept))


def _masks(mask: tuple[str, int, int], hit: ConceptHit) -> bool:
    key, start, end = mask
    if key == hit.concept:
        # A longer phrase of the concept outweighs the exception within it.
        return _overlap((start, end), hit[1:3]) and not (
            hit.start <= start and end <= hit.end and (hit.start, hit.end) != (start, end)
        )
    return not hit.clear and start <= hit.start and hit.end <= end and (hit.start, hit.end) != (start, end)


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


CONCEPT_FIELDS = ("title", "summary", "why_failure", "cause", "lessons", "tags")
"""The fields of an incident that are searched for concepts. The outcome is left out: outcries and apologies
follow any failure."""


def incident_concepts(
    table: ConceptTable,
    texts: Mapping[str, Iterable[tuple[str, str]]],
    terms: Mapping[str, Iterable[str]],
) -> tuple[str, ...]:
    """The concepts of an incident: those that its texts clearly touch, plus the concepts of its terms.

    `texts` has the (language, text) pairs of each field, `terms` the keys of each namespace. Ambiguous words
    do not count, since a long text contains some for every concept.
    """
    found = (table.hits(words(text)) for name in CONCEPT_FIELDS for _, text in texts.get(name, ()))
    touched = {hit.concept for hits in found for hit in hits if hit.clear}
    touched |= table.concepts_of_terms(terms.get("theme", ()), terms.get("failure_mode", ()))
    return tuple(sorted(touched))
