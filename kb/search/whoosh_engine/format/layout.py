"""How documents lie in a segment: the arrays of its two files.

`.doc` holds what is known of each document: its id, its days, its severity, the lengths of its fields, a
digest, and bytes that are shown with a hit. `.inv` holds the inverted index: for each term, sorted by the
hash of the term, the documents that have it in each field, how often, and where.

A term of a keyword field is the field's name and the value, each behind a NUL character: it needs no table of
its own.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kb.domain.incident import NAMESPACES
from kb.domain.language import primary_subtag
from kb.search.analysis import UNSPACED, WORD, index_term, token_spans
from kb.search.engine import TEXT_WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kb.search.engine import IndexDocument
    from kb.search.whoosh_engine.format.arrays import Array

TEXT_FIELDS = tuple(TEXT_WEIGHTS)
FIELDS = len(TEXT_FIELDS)
KEYWORD_FIELDS = (
    "audience", "organization", "language", "status", "kind", "tag", "severity",
    *(f"term_{namespace}" for namespace in NAMESPACES),
)  # fmt: skip

MARKER_ID = 0
"""The id of the one document that is no incident: it holds the `seq` of the last change in the index."""

_GAP = 100
"""Places between two texts of one field: no phrase runs from one into the other."""

_LONGEST_FIELD = 2**16 - 1
_NOTHING = 0
"""The number of the term that stands for words of which nothing is left."""


def keyword(field: str, value: object) -> str:
    """The term of a value in a keyword field."""
    return f"\0{field}\0{value}"


def hash_term(term: str) -> int:
    """64 bits of a term, the same in every process."""
    return int.from_bytes(blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def document_keywords(document: IndexDocument) -> Iterator[str]:
    """The terms of a document's keyword fields."""
    severity = () if document.severity is None else (document.severity,)
    values: dict[str, Iterable[object]] = {
        "audience": document.audiences,
        "organization": (document.organization_key,),
        "language": document.languages,
        "status": (document.status,),
        "kind": (document.kind,),
        "tag": document.tags,
        "severity": severity,
        **{f"term_{namespace}": keys for namespace, keys in document.terms.items()},
    }
    for field, found in values.items():
        for value in dict.fromkeys(found):
            yield keyword(field, value)


class Tokens(NamedTuple):
    """Where terms stand, as parallel arrays: term, field, document and place within the field."""

    term: Array
    field: Array
    doc: Array
    place: Array


class Terms(NamedTuple):
    """The terms of a segment by number; of each, the case-folded words that it stands for in texts."""

    names: Sequence[str]
    forms: Sequence[Iterable[str]]


def invert(terms: Terms, tokens: Tokens) -> dict[str, Array]:
    """The arrays of `.inv`. Tokens of one term and field come in the order of their documents and places."""
    hashes = np.fromiter(map(hash_term, terms.names), np.uint64, len(terms.names))
    used = np.zeros(len(hashes), bool)
    used[tokens.term] = True
    order = np.argsort(hashes, kind="stable")
    order = order[used[order]]
    rank = np.zeros(len(hashes), np.int64)
    rank[order] = np.arange(len(order))

    keys = rank[tokens.term] * FIELDS + tokens.field
    sorting = np.argsort(keys, kind="stable")
    keys, docs = keys[sorting], tokens.doc[sorting]
    first = np.empty(len(keys), bool)
    first[:1] = True
    np.logical_or(keys[1:] != keys[:-1], docs[1:] != docs[:-1], out=first[1:])
    starts = np.flatnonzero(first)
    posting_keys = keys[starts]
    counts = np.bincount(posting_keys, minlength=len(order) * FIELDS).reshape(-1, FIELDS)
    entries = np.searchsorted(posting_keys, np.arange(len(order) + 1) * FIELDS)
    names = [terms.names[number].encode("utf-8", "surrogatepass") for number in order]
    forms = ["\n".join(sorted(terms.forms[number])).encode("utf-8", "surrogatepass") for number in order]
    return {
        "hash": hashes[order],
        "counts": counts.astype(np.uint32).ravel(),
        "first_place": np.append(starts, len(keys))[entries].astype(np.int64),
        "doc": docs[starts].astype(np.uint32),
        "frequency": np.minimum(np.diff(np.append(starts, len(keys))), 2**16 - 1).astype(np.uint16),
        "place": tokens.place[sorting].astype(np.uint32),
        **strings("name", names),
        **strings("form", forms),
    }


def strings(name: str, values: Sequence[bytes]) -> dict[str, Array]:
    """Strings of bytes as two arrays: all of them joined, and where each begins."""
    ends = np.cumsum([0, *map(len, values)], dtype=np.int64)
    return {f"{name}_at": ends, name: np.frombuffer(b"".join(values), np.uint8)}


class _Known(dict[str, int]):
    """The number of the term of each word of one language, as it is written; an unknown word gets one."""

    def __init__(self, language: str, builder: SegmentBuilder) -> None:
        super().__init__()
        self._language = language
        self._builder = builder

    def __missing__(self, word: str) -> int:
        number = self._builder.number(index_term(word, self._language))
        if number != _NOTHING:
            self._builder.forms[number].add(word.casefold())
        self[word] = number
        return number


class SegmentBuilder:
    """Documents on their way into a segment."""

    def __init__(self) -> None:
        self.forms: list[set[str]] = [set()]
        self._numbers: dict[str, int] = {"": _NOTHING}
        self._known: dict[str, _Known] = {}
        self._tokens = array("I")
        # Of each run of tokens: document, field, first place, number of tokens.
        self._runs: list[tuple[int, int, int, int]] = []
        self._facts: dict[str, list[Any]] = defaultdict(list)
        self._lengths: list[list[int]] = []
        self._stored: list[bytes] = []

    def __len__(self) -> int:
        return len(self._lengths)

    def number(self, term: str) -> int:
        """The number of a term in this segment."""
        found = self._numbers.get(term)
        if found is None:
            found = self._numbers[term] = len(self._numbers)
            self.forms.append(set())
        return found

    def add(self, document: IndexDocument) -> None:
        """Add one incident."""
        lengths = [
            self._add_field(number, document.texts.get(name, ())) for number, name in enumerate(TEXT_FIELDS)
        ]
        for term in document_keywords(document):
            self._add_run(0, 0, [self.number(term)])
        self._add_facts(
            lengths,
            document.stored,
            id=document.id,
            seq=0,
            first_day=document.first_day.toordinal(),
            last_day=document.last_day.toordinal(),
            severity=document.severity or 0,
            digest=document.digest(),
        )

    def add_marker(self, seq: int) -> None:
        """Add the document that holds the index's position."""
        self._add_facts(
            [0] * FIELDS, b"", id=MARKER_ID, seq=seq, first_day=0, last_day=0, severity=0, digest=0
        )

    def _add_facts(self, lengths: list[int], stored: bytes, **facts: int) -> None:
        for name, value in facts.items():
            self._facts[name].append(value)
        self._lengths.append([min(length, _LONGEST_FIELD) for length in lengths])
        self._stored.append(stored)

    def _add_field(self, field: int, texts: Iterable[tuple[str, str]]) -> int:
        place = length = 0
        for language, text in texts:
            numbers = self._analyze(primary_subtag(language), text)
            self._add_run(field, place, numbers)
            place += len(numbers) + _GAP
            length += len(numbers)
        return length

    def _add_run(self, field: int, place: int, numbers: Sequence[int]) -> None:
        self._tokens.extend(numbers)
        self._runs.append((len(self), field, place, len(numbers)))

    def _analyze(self, language: str, text: str) -> list[int]:
        known = self._known.get(language)
        if known is None:
            known = self._known[language] = _Known(language, self)
        words = WORD.findall(text)
        if UNSPACED.search(text) is not None:
            words = [word[start:end] for word in words for start, end in token_spans(word)]
        return [known[word] for word in words]

    def arrays(self) -> tuple[dict[str, Array], dict[str, Array]]:
        """The arrays of `.doc` and of `.inv`."""
        facts = {name: np.array(values, FACTS[name]) for name, values in self._facts.items()}
        facts["lengths"] = np.array(self._lengths, np.uint16).T.ravel()
        facts |= strings("stored", self._stored)
        runs = np.array(self._runs, np.int64).reshape(-1, 4)
        count = runs[:, 3]
        term = np.array(self._tokens, np.uint32)
        place = np.arange(len(term)) + np.repeat(runs[:, 2] - (np.cumsum(count) - count), count)
        tokens = Tokens(term, np.repeat(runs[:, 1], count), np.repeat(runs[:, 0], count), place)
        kept = term != _NOTHING
        if not kept.all():
            tokens = Tokens(*(part[kept] for part in tokens))
        return facts, invert(Terms(list(self._numbers), self.forms), tokens)


FACTS = {
    "id": np.int64,
    "seq": np.int64,
    "first_day": np.int32,
    "last_day": np.int32,
    "severity": np.int8,
    "digest": np.uint64,
}
"""What `.doc` holds of each document as a number."""
