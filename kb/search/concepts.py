"""Concepts: the sensitive subjects and marketing moves that a text may touch, by words and phrases.

A draft touches the joke, an incident describes it: they share a concept where they share no word. The table
is data, `seeds/lexicon.yaml`, which documents its format; a team adds to it in its data folder.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from kb.search.analysis import index_term
from kb.search.lexicon_files import ReloadedFiles
from kb.search.phrase_table import MAX_ENTRY_WORDS, Entry, PhraseTable, entry_of, lookup_key
from kb.search.word_lists import word_list
from kb.yaml_text import read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

AMBIGUOUS_WEIGHT = 0.4
"""What a hit by an ambiguous word counts for, beside 1 for a clear one."""

_MIN_PART_LENGTH = 3
_SHORT_WORDS = frozenset(
    "a am an as at be by do go he hi if i in is it me my no of on or so to up us we".split()
)
_MAX_PARTS = 5
_MAX_PART_LENGTH = 16
_COMMON_CENTIBELS = 480
"""How rare a word of a hashtag may be: one in sixty thousand."""

_MAX_ENTRIES = 50_000
_MAX_CHARACTERS = 100
_LISTS = ("phrases", "ambiguous", "except")
_FIELDS = {"labels", "risky", "themes", "failure_modes", *_LISTS}


class LexiconError(ValueError):
    """The file of concepts is invalid. The message says what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """A concept. `risky` marks a sensitive subject, in contrast to a marketing move.

    `themes` and `failure_modes` are the terms of the taxonomy that say the same of an incident.
    """

    key: str
    labels: Mapping[str, str] = field(default_factory=dict)
    risky: bool = False
    themes: tuple[str, ...] = ()
    failure_modes: tuple[str, ...] = ()


class ConceptHit(NamedTuple):
    """Words that touch a concept: the first, and the one after the last; `clear` unless they may mean
    something else."""

    concept: str
    start: int
    end: int
    clear: bool


class _Senses(NamedTuple):
    """What a phrase says: the concepts of which it is clear, and ambiguous, evidence, and those it masks."""

    clear: frozenset[str] = frozenset()
    ambiguous: frozenset[str] = frozenset()
    masked: frozenset[str] = frozenset()


class ConceptTable:
    """The concepts with their words and phrases. Immutable, and compared by identity."""

    def __init__(self, content: Mapping[str, Mapping[str, Any]], stopwords: Iterable[str] = ()) -> None:
        """Take the concepts by key, each as the file has it."""
        self.concepts = {
            key: Concept(
                key=key,
                labels=dict(row.get("labels", {})),
                risky=row.get("risky", False),
                themes=tuple(row.get("themes", ())),
                failure_modes=tuple(row.get("failure_modes", ())),
            )
            for key, row in content.items()
        }
        self.stopwords = frozenset(lookup_key((word,))[0] for text in stopwords for word in entry_of(text))
        senses: dict[Entry, list[set[str]]] = defaultdict(lambda: [set(), set(), set()])
        for key, row in content.items():
            for number, name in enumerate(_LISTS):
                for texts in row.get(name, {}).values():
                    for text in texts:
                        senses[lookup_key(entry_of(text))][number].add(key)
        self._table: PhraseTable[_Senses] = PhraseTable(other_suffixes=True)
        for entry, (clear, ambiguous, masked) in senses.items():
            self._table.put(entry, _Senses(frozenset(clear), frozenset(ambiguous - clear), frozenset(masked)))
        self._by_term = _keys_by_term(self.concepts.values())

    def __len__(self) -> int:
        """How many words and phrases there are."""
        return len(self._table)

    def hits(self, words: Sequence[str]) -> list[ConceptHit]:
        """Where words touch concepts, in order; an empty word separates phrases.

        An exception takes the hits of its concept away that it overlaps, and the ambiguous ones of any
        concept that lie within it. Of hits of one concept that overlap, the longest counts.
        """
        found: dict[tuple[str, int, int], bool] = {}
        masks: list[tuple[str, int, int]] = []
        for start, end, keys in self._table.spans(words):
            for senses in filter(None, map(self._table.get, keys)):
                found |= dict.fromkeys(((key, start, end) for key in senses.clear), True)
                for key in senses.ambiguous:
                    found.setdefault((key, start, end), False)
                masks += [(key, start, end) for key in senses.masked]
        hits = [ConceptHit(*place, clear) for place, clear in found.items()]
        hits = [hit for hit in hits if not any(_masks(mask, hit) for mask in masks)]
        hits.sort(key=lambda hit: (hit.concept, hit.start - hit.end, not hit.clear, hit.start))
        kept: list[ConceptHit] = []
        for hit in hits:
            if not any(other.concept == hit.concept and _overlap(other[1:3], hit[1:3]) for other in kept):
                kept.append(hit)
        return sorted(kept, key=lambda hit: (hit.start, hit.end, hit.concept))

    def split(self, tag: str) -> list[str]:
        """The words of a hashtag that is written in one case: `notaword` -> `not`, `a`, `word`.

        Those of the fewest words that are common or in the table; itself, if there are none.
        """
        return _split(tag.lower(), self._is_word) or [tag]

    def _is_word(self, word: str) -> bool:
        if len(word) < _MIN_PART_LENGTH:
            return word in _SHORT_WORDS
        if self._table.get((index_term(word, "en"),)) is not None:
            return True
        listed = word_list("en")
        frequency = listed.centibels(word) if listed and word.isascii() else None
        return frequency is not None and frequency <= _COMMON_CENTIBELS

    def concepts_of_terms(self, themes: Iterable[str], failure_modes: Iterable[str]) -> set[str]:
        """The concepts that terms of the taxonomy stand for."""
        terms = (*(("theme", key) for key in themes), *(("failure_mode", key) for key in failure_modes))
        return {concept for term in terms for concept in self._by_term.get(term, ())}


def _split(tag: str, is_word: Callable[[str], bool]) -> list[str]:
    """The division of a tag into the fewest words, at most _MAX_PARTS; empty if there is none."""
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


def _masks(mask: tuple[str, int, int], hit: ConceptHit) -> bool:
    key, start, end = mask
    if key == hit.concept:
        # A longer phrase of the concept says more than its exception.
        return _overlap((start, end), hit[1:3]) and not (
            hit.start <= start and end <= hit.end and (hit.start, hit.end) != (start, end)
        )
    return not hit.clear and start <= hit.start and hit.end <= end and (hit.start, hit.end) != (start, end)


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


EMPTY_CONCEPTS = ConceptTable({})


def load(path: Path) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The concepts of a file, and its stopwords. Raises LexiconError."""
    try:
        content = read_yaml(path.read_text("utf-8"))
    # ValueError: not UTF-8, or a date that does not exist
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise LexiconError(f"{path} cannot be read as YAML: {error}") from error
    if not isinstance(content, dict) or not isinstance(content.get("concepts"), dict):
        raise LexiconError(f"{path} must have `concepts:`, each a key with its phrases.")
    if content.keys() - {"concepts", "stopwords"}:
        raise LexiconError(f"{path} may have `concepts:` and `stopwords:`, and nothing else.")
    count = 0
    for key, row in content["concepts"].items():
        count += _check_concept(path, key, row)
    if count > _MAX_ENTRIES:
        raise LexiconError(f"{path} has {count} entries; at most {_MAX_ENTRIES} are allowed.")
    stopwords = content.get("stopwords", {})
    _check_texts(path, "stopwords", stopwords)
    return content["concepts"], [text for texts in stopwords.values() for text in texts]


def _check_concept(path: Path, key: Any, row: Any) -> int:
    """How many entries a concept has. Raises LexiconError."""
    if not isinstance(key, str) or not isinstance(row, dict):
        raise LexiconError(f"{path}: {key!r} must be a key with `phrases`, `ambiguous` or `except`.")
    if unknown := row.keys() - _FIELDS:
        raise LexiconError(f"{path}: {key} has {min(unknown)!r}, but may have {', '.join(sorted(_FIELDS))}.")
    for name in ("themes", "failure_modes"):
        if not isinstance(row.get(name, []), list):
            raise LexiconError(f"{path}: `{name}` of {key} must be a list of keys.")
    if not isinstance(row.get("labels", {}), dict) or not isinstance(row.get("risky", False), bool):
        raise LexiconError(f"{path}: `labels` of {key} are by language, and `risky` is true or false.")
    return sum(_check_texts(path, f"`{name}` of {key}", row.get(name, {})) for name in _LISTS)


def _check_texts(path: Path, name: str, by_language: Any) -> int:
    if not isinstance(by_language, dict) or not all(isinstance(each, list) for each in by_language.values()):
        raise LexiconError(f"{path}: {name} must be lists by language, such as {{en: [slap], he: [סטירה]}}.")
    texts = [text for each in by_language.values() for text in each]
    for text in texts:
        if not isinstance(text, str):
            raise LexiconError(f"{path}: YAML reads {text!r} as no text. Write it in quotes.")
        if len(text) > _MAX_CHARACTERS or not 1 <= len(entry_of(text)) <= MAX_ENTRY_WORDS:
            raise LexiconError(
                f"{path}: {text[:50]!r} must have one to {MAX_ENTRY_WORDS} words, "
                f"of at most {_MAX_CHARACTERS} characters in all."
            )
    return len(texts)


class ConceptFiles(ReloadedFiles[ConceptTable]):
    """The shipped concepts and a team's own, reloaded when the team's file changes."""

    error = LexiconError

    def read(self, own: Path | None) -> ConceptTable:
        """The concepts of the shipped file, with what a team adds. Raises LexiconError."""
        return _shipped(self._shipped) if own is None else _merged(self._shipped, own)


@lru_cache(maxsize=1)
def _shipped(path: Path) -> ConceptTable:
    """The shipped concepts, which do not change."""
    return ConceptTable(*load(path))


def _merged(shipped: Path, own: Path) -> ConceptTable:
    """The shipped concepts, and those of a team: its lists are added, its other fields replace."""
    concepts, stopwords = load(shipped)
    own_concepts, own_stopwords = load(own)
    merged = {key: dict(row) for key, row in concepts.items()}
    for key, row in own_concepts.items():
        target = merged.setdefault(key, {})
        for name, value in row.items():
            target[name] = _added(target.get(name, {}), value) if name in _LISTS else value
    return ConceptTable(merged, [*stopwords, *own_stopwords])


def _added(lists: Mapping[str, list[str]], more: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {tag: [*lists.get(tag, []), *more.get(tag, [])] for tag in {**lists, **more}}


def iterate_words(texts: Iterable[Sequence[str]]) -> Iterator[str]:
    """The words of several texts, with an empty word between them, which no phrase crosses."""
    for words in texts:
        yield from words
        yield ""
