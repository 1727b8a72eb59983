"""An open segment. It is immutable, and many threads can read it concurrently."""

from __future__ import annotations

import threading
from collections import defaultdict
from functools import cached_property, partial
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kb.caches import LruCache
from kb.search.whoosh_engine.format.arrays import ArrayFile, nbytes
from kb.search.whoosh_engine.format.bitmaps import Bitmaps
from kb.search.whoosh_engine.format.layout import FIELD_COUNT, hash_term, keyword_term

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from kb.search.whoosh_engine.format.arrays import Array

DOCUMENTS, INVERTED = ".doc", ".inv"

_READ_AT_ONCE = 50_000
"""Maximum number of postings in a segment to read all at once rather than term by term."""

_POSTINGS_PER_READ = 500
"""How many postings are read in the time that it takes to ask for those of one more term."""

_MARK_AT_ONCE = 8_000
"""The same where the documents of each term are cached otherwise."""

_MAX_BITMAPS = 1_000
"""Maximum number of words whose documents are cached: 1.3 MB in a segment of 10,000 documents."""

_NOT_ASCII, _APOSTROPHE = 0x80, ord("'")
"""The first byte beyond ASCII, and the byte of an apostrophe."""

_KEYWORD_BYTES = 64_000
"""The size of the cache of keywords' documents: each snapshot asks for audiences, statuses and languages."""


class Postings(NamedTuple):
    """The postings of a term as parallel arrays, grouped by field; `doc_freq` is their number per field."""

    doc: Array
    frequency: Array
    doc_freq: Array


class Segment:
    """Reads the arrays of one segment. Raises IndexUnusableError if a file is damaged."""

    def __init__(self, folder: Path, name: str, contents: Mapping[str, bytes] | None = None) -> None:
        """Open a segment in a folder, or the `contents` of files that are not written yet, by extension."""
        self.name = name
        self.documents, self._inverted = (
            ArrayFile(folder / f"{name}{extension}", None if contents is None else contents[extension])
            for extension in (DOCUMENTS, INVERTED)
        )
        self.files = (self.documents, self._inverted)
        self.ids = self.documents.read("id")
        self.size = len(self.ids)
        self._hashes = self._inverted.read("term_hash")
        # Each worker has its own copy of these, so they are as small as possible. Document counts by field,
        # which would take most, are read when needed.
        self._stored_offsets = _narrowed(self.documents.read("stored_offsets"))
        starts = np.zeros(len(self._hashes) + 1, np.int64)
        np.cumsum(self.doc_freqs().sum(axis=1, dtype=np.int64), out=starts[1:])
        self._starts = _narrowed(starts)
        self._term_offsets = _narrowed(self._inverted.read("term_offsets"))
        self._bitmaps_lock = threading.Lock()
        self._bitmaps: dict[bytes, Bitmaps] = {}
        self._keyword_bits: LruCache[Array] = LruCache(_KEYWORD_BYTES)

    def __len__(self) -> int:
        """The number of distinct terms."""
        return len(self._hashes)

    def find(self, term: str, term_hash: np.uint64 | None = None) -> int | None:
        """The ordinal of a term; None if the segment does not contain it.

        Pass its `hash_term` as `term_hash` to look a term up in several segments without hashing it again.
        """
        target = np.uint64(hash_term(term)) if term_hash is None else term_hash
        ordinal = int(self._hashes.searchsorted(target))
        while ordinal < len(self._hashes) and self._hashes[ordinal] == target:
            if self.term(ordinal) == term:
                return ordinal
            ordinal += 1
        return None

    def has_each(self, hashes: Array) -> Array:
        """A mask: whether the segment contains each of many terms, given their `hash_term`s."""
        positions = self._hashes.searchsorted(hashes)
        within = positions < len(self._hashes)
        within[within] = self._hashes[positions[within]] == hashes[within]
        return within

    def term(self, ordinal: int) -> str:
        """The term with this ordinal."""
        start, stop = int(self._term_offsets[ordinal]), int(self._term_offsets[ordinal + 1])
        return self._inverted.read_bytes("term", start, stop).decode("utf-8", "surrogatepass")

    def postings(self, ordinal: int) -> Postings:
        """The postings of a term."""
        start, stop = int(self._starts[ordinal]), int(self._starts[ordinal + 1])
        inverted = self._inverted
        return Postings(
            inverted.read("doc", start, stop),
            inverted.read("frequency", start, stop),
            self.doc_freq(ordinal),
        )

    def postings_of_each(self, ordinals: Array) -> Postings:
        """The postings of many terms, one term after the other, with a row of `doc_freq` for each."""
        if len(ordinals) == 1:
            doc, frequency, doc_freq = self.postings(int(ordinals[0]))
            return Postings(doc, frequency, doc_freq.reshape(1, -1))
        doc, frequency = (self._read_each(name, ordinals) for name in ("doc", "frequency"))
        return Postings(doc, frequency, self._doc_freqs_of(ordinals))

    def docs(self, ordinal: int) -> Array:
        """The documents of a term, repeated for each field."""
        return self._inverted.read("doc", int(self._starts[ordinal]), int(self._starts[ordinal + 1]))

    def posting_count(self, ordinal: int) -> int:
        """The number of postings of a term in all fields."""
        return int(self._starts[ordinal + 1]) - int(self._starts[ordinal])

    def doc_freq(self, ordinal: int) -> Array:
        """The number of documents of a term by field."""
        return self._inverted.read("doc_freq", ordinal * FIELD_COUNT, (ordinal + 1) * FIELD_COUNT)

    def doc_freqs(self) -> Array:
        """The number of documents of each term, by ordinal and field. It is not cached."""
        return self._inverted.read("doc_freq").reshape(-1, FIELD_COUNT)

    def mark_each(self, hashes: Array, fields: Array, masks: Array) -> None:
        """Mark the documents of many terms, in the fields of a mask, in one row of `masks` per hash.

        Only the 64-bit `hash_term`s are compared, not the terms.
        """
        rows, ordinals = self._find_each(hashes)
        if self._starts[-1] <= _MARK_AT_ONCE:
            masks[rows] = self._masks(ordinals, fields)
        else:
            masks[rows] = self._bitmaps_of(fields).masks(ordinals, partial(self._masks, fields=fields))

    def docs_of_each(self, hashes: Array, fields: Array | None = None) -> tuple[Array, Array]:
        """The documents of many terms in any field, or in the fields of a mask, repeated for each field, and
        the position in `hashes` of the term of each. Only the 64-bit `hash_term`s are compared.
        """
        positions, ordinals = self._find_each(hashes)
        lengths = self._starts[ordinals + 1] - self._starts[ordinals]
        found, docs = np.repeat(positions, lengths), self._read_each("doc", ordinals)
        if fields is None:
            return found, docs
        chosen = np.repeat(np.tile(fields, len(ordinals)), self._doc_freqs_of(ordinals).ravel())
        return found[chosen], docs[chosen]

    def _find_each(self, hashes: Array) -> tuple[Array, Array]:
        """The positions of the hashes whose terms the segment contains, and the ordinals of these terms."""
        if not len(self._hashes):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        ordinals = self._hashes.searchsorted(hashes)
        ordinals[ordinals == len(self._hashes)] = 0
        positions = np.flatnonzero(self._hashes[ordinals] == hashes)
        return positions, ordinals[positions]

    def _read_each(self, name: str, ordinals: Array) -> Array:
        """An array of postings, of many terms, one term after the other."""
        spans = [*zip(self._starts[ordinals].tolist(), self._starts[ordinals + 1].tolist(), strict=True)]
        if self._starts[-1] <= max(_READ_AT_ONCE, _POSTINGS_PER_READ * len(ordinals)):
            every = self._inverted.read(name)
            return np.concatenate([every[:0], *(every[start:stop] for start, stop in spans)])
        return self._inverted.read_spans(name, spans)

    def _bitmaps_of(self, fields: Array) -> Bitmaps:
        """The cached documents of words in some fields: each new incident has many words of earlier ones."""
        key = fields.tobytes()
        with self._bitmaps_lock:
            found = self._bitmaps.get(key)
            if found is None:
                found = self._bitmaps[key] = Bitmaps(len(self), self.size, _MAX_BITMAPS)
            return found

    def _masks(self, ordinals: Array, fields: Array) -> Array:
        """The masks of the documents of some terms in some fields, one row per term."""
        docs = self._read_each("doc", ordinals)
        doc_freq = self._doc_freqs_of(ordinals)
        chosen = np.repeat(np.tile(fields, len(ordinals)), doc_freq.ravel())
        rows = np.repeat(np.arange(len(ordinals)), doc_freq.sum(axis=1, dtype=np.int64))
        masks = np.zeros((len(ordinals), self.size), bool)
        masks[rows[chosen], docs[chosen]] = True
        return masks

    def _doc_freqs_of(self, ordinals: Array) -> Array:
        """The number of documents of some terms, by field."""
        if self._starts[-1] <= _READ_AT_ONCE:
            return self.doc_freqs()[ordinals]
        starts = (ordinals.astype(np.int64) * FIELD_COUNT).tolist()
        spans = [(start, start + FIELD_COUNT) for start in starts]
        return self._inverted.read_spans("doc_freq", spans).reshape(-1, FIELD_COUNT)

    def keyword_mask(self, term: str) -> Array:
        """The mask of the documents with a value of a keyword field; empty if none has it."""
        bits = self._keyword_bits.get_or_create(term, lambda: self._keyword_docs(term), nbytes)
        return np.unpackbits(bits, count=self.size).view(bool) if len(bits) else bits.view(bool)

    def _keyword_docs(self, term: str) -> Array:
        ordinal = self.find(term)
        mask = np.zeros(0 if ordinal is None else self.size, bool)
        if ordinal is not None:
            mask[self.docs(ordinal)] = True
        return np.packbits(mask)

    def postings_with_positions(self, ordinal: int) -> tuple[Postings, Array]:
        """The postings of a term, and its positions in all of them, concatenated."""
        postings = self.postings(ordinal)
        first = int(self._inverted.read("first_position", ordinal, ordinal + 1)[0])
        count = int(postings.frequency.sum(dtype=np.int64))
        return postings, self._inverted.read("position", first, first + count)

    def all_positions(self) -> tuple[Array, Array, Array, Array]:
        """All tokens as parallel arrays: ordinal of the term, field, document and position."""
        per_posting = self._inverted.read("frequency").astype(np.int64)
        ordinals_and_fields = np.arange(len(self) * FIELD_COUNT, dtype=np.uint32)
        ordinals_and_fields = np.repeat(ordinals_and_fields, self._inverted.read("doc_freq"))
        ordinals_and_fields = np.repeat(ordinals_and_fields, per_posting)
        docs = np.repeat(self._inverted.read("doc"), per_posting)
        return (
            ordinals_and_fields // FIELD_COUNT,
            ordinals_and_fields % FIELD_COUNT,
            docs,
            self._inverted.read("position"),
        )

    def stored(self, doc: int) -> bytes:
        """The stored bytes of a document."""
        start, stop = self._stored_offsets[doc : doc + 2].tolist()
        return self.documents.read_bytes("stored", start, stop)

    def slices(self, name: str, docs: Array) -> tuple[list[Array], Array]:
        """The bytes of some documents (a mask) in `stored` or `titles`: slices of the array, to be joined,
        and the length of each document.

        A merge joins tens of megabytes, which as one object for each document would leave gaps in the heap.
        """
        data, offsets = self.documents.read(name), self.documents.read(f"{name}_offsets")
        bounds = np.flatnonzero(np.diff(docs, prepend=False, append=False))
        runs = offsets[bounds].reshape(-1, 2).tolist()
        return [data[start:stop] for start, stop in runs], np.diff(offsets)[docs]

    def titles(self) -> list[bytes]:
        """The sort keys of the titles of each document, encoded by `encode_titles`."""
        data, offsets = (
            self.documents.read("titles").tobytes(),
            self.documents.read("titles_offsets").tolist(),
        )
        return [data[start:stop] for start, stop in pairwise(offsets)]

    def field_lengths(self) -> Array:
        """The number of tokens by field and document. They are not cached: a snapshot has them, too."""
        return self.documents.read("field_lengths").reshape(FIELD_COUNT, -1)

    def terms_of(self, docs: Array) -> Array:
        """A mask by ordinal: whether any of some documents (a mask) has the term."""
        starts = self._starts[:-1]
        if not len(starts):
            return np.zeros(0, bool)
        # Each term in the dictionary has a posting, as `reduceat` requires.
        found: Array = np.add.reduceat(docs[self._inverted.read("doc")], starts, dtype=np.int64) > 0
        return found

    def dictionary(self, ordinals: Array | None = None) -> Iterator[tuple[int, str, list[str]]]:
        """Terms with their ordinals and surface forms: all of them, or those with some ordinals."""
        terms, surface_forms = self._strings("term"), self._strings("surface_forms")
        for ordinal in range(len(terms)) if ordinals is None else ordinals.tolist():
            forms = _decoded(surface_forms[ordinal])
            yield ordinal, _decoded(terms[ordinal]), forms.split("\n") if forms else []

    def unusual_terms(self) -> Array:
        """The ordinals of the terms that have an apostrophe, or letters or forms beyond ASCII."""
        found = [np.zeros(0, np.int64)]
        for name in ("term", "surface_forms"):
            data = self._inverted.read(name)
            places = np.flatnonzero((data >= _NOT_ASCII) | (data == _APOSTROPHE))
            found.append(self._inverted.read(f"{name}_offsets").searchsorted(places, "right") - 1)
        return np.unique(np.concatenate(found))

    def encoded_dictionary(self) -> Iterator[tuple[bytes, int, bytes]]:
        """All terms, by ordinal, each with its hash and its surface forms in order, one per line."""
        return zip(self._strings("term"), self._hashes.tolist(), self._strings("surface_forms"), strict=True)

    def keyword_values(self, field: str) -> Iterator[tuple[str, int]]:
        """Yield the (value, ordinal) pairs of a keyword field, by ordinal. They are not cached."""
        ordinals = self._keyword_ordinals.get(field)
        if ordinals is None:
            return
        data, skipped = self._inverted.read("term").tobytes(), len(keyword_term(field, "").encode())
        starts, stops = self._term_offsets[ordinals].tolist(), self._term_offsets[ordinals + 1].tolist()
        for ordinal, start, stop in zip(ordinals.tolist(), starts, stops, strict=True):
            yield data[start + skipped : stop].decode("utf-8", "surrogatepass"), ordinal

    @cached_property
    def _keyword_ordinals(self) -> dict[str, Array]:
        """The ordinals of the values of each keyword field."""
        found: dict[str, list[int]] = defaultdict(list)
        terms, starts = self._inverted.read("term"), self._term_offsets[:-1]
        if len(terms):
            data = terms.tobytes()
            for ordinal in np.flatnonzero(terms[starts] == 0).tolist():
                start = int(starts[ordinal]) + 1
                found[data[start : data.index(b"\0", start)].decode()].append(ordinal)
        return {field: np.array(ordinals, np.uint32) for field, ordinals in found.items()}

    @cached_property
    def languages(self) -> dict[str, int]:
        """The languages of the texts, each with its number of documents."""
        return {tag: self.posting_count(ordinal) for tag, ordinal in self.keyword_values("language")}

    def terms(self) -> list[str]:
        """All terms, by ordinal."""
        return [*map(_decoded, self._strings("term"))]

    def surface_forms(self, ordinal: int) -> list[str]:
        """The case-folded words that were indexed under a term."""
        start, stop = map(int, self._inverted.read("surface_forms_offsets", ordinal, ordinal + 2))
        return _decoded(self._inverted.read_bytes("surface_forms", start, stop)).split("\n")

    def _strings(self, name: str) -> list[bytes]:
        offsets = self._inverted.read(f"{name}_offsets").tolist()
        data = self._inverted.read_bytes(name, 0, offsets[-1])
        return [data[start:stop] for start, stop in pairwise(offsets)]


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "surrogatepass")


def _narrowed(numbers: Array) -> Array:
    """Non-negative numbers in the smallest type that holds them."""
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))
