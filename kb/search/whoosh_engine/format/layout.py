"""The layout of a segment: the arrays of its two files, and how they are built from documents.

`.doc` holds doc values (id, days, severity, digest), the field lengths, the stored bytes, and the sort keys
of titles. `.inv` is the inverted index: the terms, sorted by hash, each with its postings by field
(documents, frequencies, positions) and its surface forms.

The words of a hashtag such as `#ShareYourSecret` are indexed in addition to the hashtag, after the text that
contains it. Their surface form is the hashtag after a `#`. Words that are written as names are keywords.

A term of a keyword field is the name of the field and the value, each preceded by a NUL character. It is in
the same term dictionary.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kb.domain.language import primary_subtag
from kb.domain.taxonomy import NAMESPACES
from kb.search.analysis import index_term
from kb.search.engine import TEXT_WEIGHTS
from kb.search.whoosh_engine.format.sort_values import encode_titles, microseconds
from kb.search.words import has_tags, has_unspaced, names_in, tags_with_parts, token_spans, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kb.search.engine import IndexDocument
    from kb.search.whoosh_engine.format.arrays import Array

INDEXED_TEXT_FIELDS = tuple(TEXT_WEIGHTS)
FIELD_COUNT = len(INDEXED_TEXT_FIELDS)
INFORMATIVE_FIELDS = np.array(
    [name not in ("severity_evidence", "audience", "sources") for name in INDEXED_TEXT_FIELDS]
)
"""The mask of the fields that describe what happened. Severity evidence, audiences and sources are left out,
because many incidents share them."""

KEYWORD_FIELDS = (
    "audience", "organization", "language", "status", "kind", "tag", "severity", "observance", "concept",
    "name", "collection", "source", *(f"term_{namespace}" for namespace in NAMESPACES),
)  # fmt: skip

MARKER_ID = 0
"""The id of the marker, the one document that is not an incident: it holds the `seq` of the index."""

_POSITION_GAP = 100
"""The position increment between two texts of a field, so that no phrase matches across them."""

_MAX_FIELD_LENGTH = 2**16 - 1
_NO_TERM = 0
"""The term id of words whose index term is empty."""


def keyword_term(field: str, value: object) -> str:
    """The index term of a value of a keyword field."""
    return f"\0{field}\0{value}"


def is_keyword_term(term: str) -> bool:
    """Whether a term is a value of a keyword field rather than a word."""
    return term[:1] == "\0"


def hash_term(term: str) -> int:
    """A 64-bit hash of a term, stable across processes."""
    return _hash(_encoded(term))


def _hash(term: bytes) -> int:
    return int.from_bytes(blake2b(term, digest_size=8).digest(), "little")


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def keyword_terms(document: IndexDocument) -> Iterator[str]:
    """The terms of the keyword fields of a document."""
    severity = () if document.severity is None else (document.severity,)
    collection = () if document.collection is None else (document.collection,)
    values: dict[str, Iterable[object]] = {
        "audience": document.audiences,
        "organization": (document.organization_key,),
        "language": document.languages,
        "status": (document.status,),
        "kind": (document.kind,),
        "tag": document.tags,
        "severity": severity,
        "observance": document.observances,
        "concept": document.concepts,
        "collection": collection,
        "source": document.sources,
        **{f"term_{namespace}": keys for namespace, keys in document.terms.items()},
    }
    for field, field_values in values.items():
        for value in dict.fromkeys(field_values):
            yield keyword_term(field, value)


class Tokens(NamedTuple):
    """Tokens as parallel arrays: term id, field, document, and position in the field."""

    term: Array
    field: Array
    doc: Array
    position: Array


class TermDictionary(NamedTuple):
    """The terms by term id with their hashes and their surface forms: the case-folded words that were indexed
    under each, in order, one per line. Encoded as they are stored, since a merge would decode them only to
    encode them again."""

    terms: list[bytes]
    hashes: array[int]
    surface_forms: list[bytes]


def invert(dictionary: TermDictionary, tokens: Tokens) -> dict[str, Array]:
    """Build the arrays of `.inv`. Tokens of one term and field must be sorted by document and position."""
    hashes = np.array(dictionary.hashes, np.uint64)
    used = np.zeros(len(hashes), bool)
    used[tokens.term] = True
    order = np.argsort(hashes, kind="stable")
    order = order[used[order]]
    # Half the memory of int64: a merge has millions of tokens.
    ordinal = np.zeros(len(hashes), np.uint32)
    ordinal[order] = np.arange(len(order), dtype=np.uint32)

    keys = ordinal[tokens.term] * np.uint32(FIELD_COUNT) + tokens.field
    sorting = np.argsort(keys, kind="stable")
    keys, docs = keys[sorting], tokens.doc[sorting]
    first = np.empty(len(keys), bool)
    first[:1] = True
    np.logical_or(keys[1:] != keys[:-1], docs[1:] != docs[:-1], out=first[1:])
    starts = np.flatnonzero(first)
    posting_keys = keys[starts]
    doc_freq = np.bincount(posting_keys, minlength=len(order) * FIELD_COUNT).reshape(-1, FIELD_COUNT)
    first_postings = np.searchsorted(posting_keys, np.arange(len(order) + 1) * FIELD_COUNT)
    term_ids = order.tolist()
    terms = [dictionary.terms[term_id] for term_id in term_ids]
    surface_forms = [dictionary.surface_forms[term_id] for term_id in term_ids]
    return {
        "term_hash": hashes[order],
        "doc_freq": doc_freq.astype(np.uint32).ravel(),
        "first_position": np.append(starts, len(keys))[first_postings].astype(np.int64),
        "doc": docs[starts].astype(np.uint32),
        "frequency": np.minimum(np.diff(np.append(starts, len(keys))), 2**16 - 1).astype(np.uint16),
        "position": tokens.position[sorting].astype(np.uint32),
        **string_arrays("term", terms),
        **string_arrays("surface_forms", surface_forms),
    }


def string_arrays(name: str, values: Sequence[bytes]) -> dict[str, Array]:
    """Encode byte strings as two arrays: their concatenation, and the offsets of their bounds."""
    offsets = np.cumsum([0, *map(len, values)], dtype=np.int64)
    return {f"{name}_offsets": offsets, name: np.frombuffer(b"".join(values), np.uint8)}


class _Terms:
    """The terms of a new segment, numbered in the order of their first use."""

    def __init__(self) -> None:
        self.ids: dict[str, int] = {"": _NO_TERM}
        self.surface_forms: list[set[str]] = [set()]

    def id_of(self, term: str) -> int:
        """The id of a term in this segment; a new term gets the next id."""
        term_id = self.ids.get(term)
        if term_id is None:
            term_id = self.ids[term] = len(self.ids)
            self.surface_forms.append(set())
        return term_id


class _TermIds(dict[str, int]):
    """Maps the words of one language, as written, to term ids; a new word is analyzed on lookup.

    It does not refer to the builder, which refers to it: each write makes both, and in a cycle they would be
    in memory until the next garbage collection.
    """

    def __init__(self, language: str, terms: _Terms) -> None:
        super().__init__()
        self._language = language
        self._terms = terms

    def __missing__(self, word: str) -> int:
        term_id = self._terms.id_of(index_term(word, self._language))
        if term_id != _NO_TERM:
            self._terms.surface_forms[term_id].add(word.casefold())
        self[word] = term_id
        return term_id


class SegmentBuilder:
    """Collects documents, and inverts them into the arrays of a segment."""

    def __init__(self) -> None:
        self._terms = _Terms()
        self._by_language: dict[str, _TermIds] = {}
        self._tokens = array("I")  # term ids
        # For each run of tokens: document, field, first position, number of tokens.
        self._runs: list[tuple[int, int, int, int]] = []
        self._doc_values: dict[str, list[Any]] = defaultdict(list)
        self._field_lengths: list[list[int]] = []
        self._stored: list[bytes] = []
        self._titles: list[bytes] = []

    def __len__(self) -> int:
        return len(self._field_lengths)

    def add(self, document: IndexDocument) -> None:
        """Add one incident."""
        lengths = [
            self._add_field(number, document.texts.get(name, ()))
            for number, name in enumerate(INDEXED_TEXT_FIELDS)
        ]
        self._add_names(document.texts)
        # Keyword postings are stored under field 0, without a length.
        for term in keyword_terms(document):
            self._add_run(0, 0, [self._terms.id_of(term)])
        self._add_doc_values(
            lengths,
            document.stored,
            encode_titles(document.titles),
            id=document.id,
            seq=0,
            first_day=document.first_day.toordinal(),
            last_day=document.last_day.toordinal(),
            severity=document.severity or 0,
            published_at=microseconds(document.published_at),
            updated_at=microseconds(document.updated_at),
            digest=document.digest(),
        )

    def add_marker(self, seq: int) -> None:
        """Add the marker, which holds the position of the index."""
        self._add_doc_values(
            [0] * FIELD_COUNT, b"", b"", **{**dict.fromkeys(DOC_VALUES, 0), "id": MARKER_ID, "seq": seq}
        )

    def _add_doc_values(self, lengths: list[int], stored: bytes, titles: bytes, **doc_values: int) -> None:
        for name, value in doc_values.items():
            self._doc_values[name].append(value)
        self._field_lengths.append([min(length, _MAX_FIELD_LENGTH) for length in lengths])
        self._stored.append(stored)
        self._titles.append(titles)

    def _add_field(self, field: int, texts: Iterable[tuple[str, str]]) -> int:
        """Add the texts of a field of the current document, and return their length in tokens."""
        position = length = 0
        for tag, text in texts:
            language = primary_subtag(tag)
            term_ids = self._analyze(language, text)
            self._add_run(field, position, term_ids)
            position += len(term_ids) + _POSITION_GAP
            length += len(term_ids)
            if has_tags(text):
                position = self._add_parts(field, position, language, text)
        return length

    def _add_parts(self, field: int, position: int, language: str, text: str) -> int:
        """Add the words of the hashtags and handles in a text, and return the position after them.

        They do not count toward the field length, because they do not make the text longer.
        """
        for tag, parts in tags_with_parts(text):
            term_ids = [self._terms.id_of(index_term(part, language)) for part in parts]
            for term_id in set(term_ids) - {_NO_TERM}:
                self._terms.surface_forms[term_id].add(f"#{tag.group().casefold()}")
            self._add_run(field, position, term_ids)
            position += len(term_ids) + _POSITION_GAP
        return position

    def _add_names(self, texts: Mapping[str, Iterable[tuple[str, str]]]) -> None:
        """Add the names in the current document as case-folded keywords."""
        names = {
            match.group().casefold()
            for field, pairs in texts.items()
            for language, text in pairs
            for match in names_in(text, language, whole=field == "organization")
        }
        for name in sorted(names):
            self._add_run(0, 0, [self._terms.id_of(keyword_term("name", name))])

    def _add_run(self, field: int, position: int, term_ids: Sequence[int]) -> None:
        self._tokens.extend(term_ids)
        self._runs.append((len(self), field, position, len(term_ids)))

    def _analyze(self, language: str, text: str) -> list[int]:
        term_ids = self._by_language.get(language)
        if term_ids is None:
            term_ids = self._by_language[language] = _TermIds(language, self._terms)
        found = words(text)
        if has_unspaced(text):
            found = [word[start:end] for word in found for start, end in token_spans(word)]
        return [term_ids[word] for word in found]

    def arrays(self) -> tuple[dict[str, Array], dict[str, Array]]:
        """The arrays of `.doc` and of `.inv`."""
        documents = {name: np.array(values, DOC_VALUES[name]) for name, values in self._doc_values.items()}
        documents["field_lengths"] = np.array(self._field_lengths, np.uint16).T.ravel()
        documents |= string_arrays("stored", self._stored) | string_arrays("titles", self._titles)
        runs = np.array(self._runs, np.int64).reshape(-1, 4)
        count = runs[:, 3]
        term = np.array(self._tokens, np.uint32)
        position = np.arange(len(term)) + np.repeat(runs[:, 2] - (np.cumsum(count) - count), count)
        tokens = Tokens(term, np.repeat(runs[:, 1], count), np.repeat(runs[:, 0], count), position)
        indexed = term != _NO_TERM
        if not indexed.all():
            tokens = Tokens(*(part[indexed] for part in tokens))
        surface_forms = [_encoded("\n".join(sorted(forms))) for forms in self._terms.surface_forms]
        terms = [*map(_encoded, self._terms.ids)]
        dictionary = TermDictionary(terms, array("Q", map(_hash, terms)), surface_forms)
        return documents, invert(dictionary, tokens)


DOC_VALUES = {
    "id": np.int64,
    "seq": np.int64,
    "first_day": np.int32,
    "last_day": np.int32,
    "severity": np.int8,
    "published_at": np.int64,
    "updated_at": np.int64,
    "digest": np.uint64,
}
"""The numeric values of each document in `.doc`, with their types. Unknown values are 0."""
