"""A snapshot of the index: the immutable segments of one commit, with document numbers across all of them."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from datetime import date
from functools import cached_property
from itertools import chain, compress
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson

from kb.caches import LruCache, RecentValues
from kb.domain.dates import UNKNOWN_DATE
from kb.domain.language import in_language, primary_subtag
from kb.search.engine import IndexUnusableError, Position
from kb.search.whoosh_engine.format.layout import MARKER_ID, hash_term, keyword_term
from kb.search.words import WORD

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from kb.domain.filters import IncidentFilter
    from kb.search.whoosh_engine.format.arrays import Array
    from kb.search.whoosh_engine.format.segment import Segment
    from kb.search.whoosh_engine.querying.matches import Matches

_MAX_VIEWS = 64
_MIN_CACHE_BYTES, _CACHE_BYTES_PER_DOCUMENT = 4_000_000, 1_000
"""The size of the matches cache: 10 MB at 10,000 documents."""


class SegmentTerm(NamedTuple):
    """A term in a segment, whose documents have snapshot-wide numbers from `doc_base` on."""

    segment: Segment
    doc_base: int
    ordinal: int


def _doc_value(name: str) -> cached_property[Array]:
    """A value of each document, read when it is first needed: most snapshots serve one search."""
    return cached_property(lambda snapshot: snapshot.doc_values(name))


class Snapshot:
    """The segments of one commit, as if they were one segment."""

    def __init__(
        self,
        build: str,
        generation: int,
        database_id: str,
        segments: Sequence[Segment],
        deletions: Sequence[Collection[int]],
    ) -> None:
        self.build, self.generation = build, generation
        self.segments = tuple(segments)
        self.doc_bases = np.cumsum([0, *(segment.size for segment in segments)]).tolist()
        self.size: int = self.doc_bases[-1]
        self.ids = self.doc_values("id")
        self.live_docs = self.ids != MARKER_ID
        markers = ~self.live_docs
        for base, docs in zip(self.doc_bases, deletions, strict=False):
            deleted = base + np.fromiter(docs, np.int64, len(docs))
            self.live_docs[deleted] = markers[deleted] = False
        marker = np.flatnonzero(markers).tolist()
        if len(marker) != 1:
            raise IndexUnusableError("The index has no position.")
        self.position = Position(database_id, self._read_seq(marker[0]))
        self._files: list[tuple[str, str]] | None = None
        cache_bytes = max(_MIN_CACHE_BYTES, self.size * _CACHE_BYTES_PER_DOCUMENT)
        self.matches: LruCache[Matches] = LruCache(cache_bytes)
        self.masks: LruCache[Array] = LruCache(cache_bytes // 8)
        self._surface_forms: LruCache[frozenset[str]] = LruCache(cache_bytes // 8)
        self._lookups: LruCache[Sequence[SegmentTerm]] = LruCache(cache_bytes // 8)
        # Results of `Expander`, of precedents and of phrases, by audiences and word
        self.expansions: LruCache[Any] = LruCache(cache_bytes // 2)
        self.precedent_counts: LruCache[int] = LruCache(cache_bytes // 4)
        self._facets: dict[str, tuple[list[str], Array, Array]] = {}
        # Views by audiences (maintained by `view_of`). Typed Any, because this module does not import View.
        self.views: RecentValues[Any] = RecentValues(_MAX_VIEWS)
        self.retired = False

    def retire(self) -> None:
        """Release the views, because a later snapshot has replaced this one. Current readers may continue.

        A view and its snapshot reference each other, so both would stay alive until the next garbage
        collection, with megabytes of caches, and each write leaves such a snapshot behind.
        """
        self.retired = True  # so that a search that goes on in it does not leave a view behind
        self.views.clear()

    def titles(self) -> Iterator[bytes]:
        """The sort keys of the titles of each document, encoded by `encode_titles`."""
        return (title for segment in self.segments for title in segment.titles())

    @cached_property
    def dated(self) -> Array:
        """The mask of the documents with a known date."""
        return np.greater(self.first_day, UNKNOWN_DATE.first.toordinal())

    first_day, last_day = _doc_value("first_day"), _doc_value("last_day")
    """The days between which each incident occurred, as ordinals."""

    severity = _doc_value("severity")
    """The severity of each incident; 0 if it is unknown."""

    published_at = _doc_value("published_at")
    """When each document was published, in microseconds since 1970; 0 if it is not published."""

    updated_at = _doc_value("updated_at")
    """When each document was last changed, in microseconds since 1970."""

    @cached_property
    def latest_first(self) -> Array:
        """All documents, the latest first, then by id: the order of ties."""
        return np.lexsort((self.ids, -self.first_day.astype(np.int64)))

    @cached_property
    def _by_id(self) -> tuple[Array, Array]:
        """The documents sorted by id, and their ids."""
        order = np.argsort(self.ids, kind="stable")
        return order, self.ids[order]

    def values_by_id(self, values: Mapping[int, float]) -> Array:
        """An array over all documents with the values of some incidents, and 0 for the others."""
        found = np.zeros(self.size)
        if not values:
            return found
        order, sorted_ids = self._by_id
        ids = np.fromiter(values, np.int64, len(values))
        numbers = np.fromiter(values.values(), float, len(values))
        starts, ends = np.searchsorted(sorted_ids, ids), np.searchsorted(sorted_ids, ids, "right")
        # Older documents of a rewritten incident remain in the index until a merge.
        while (some := starts < ends).any():
            found[order[starts[some]]] = numbers[some]
            starts = starts + 1
        return found

    def lookup(self, term: str) -> Sequence[SegmentTerm]:
        """Look up a term in each segment that contains it."""
        return self._lookups.get_or_create(term, lambda: self._lookup(term), lambda found: 100 * len(found))

    def _lookup(self, term: str) -> Sequence[SegmentTerm]:
        term_hash = np.uint64(hash_term(term))
        ordinals = (segment.find(term, term_hash) for segment in self.segments)
        found = zip(self.segments, self.doc_bases, ordinals, strict=False)
        return [
            SegmentTerm(segment, base, ordinal) for segment, base, ordinal in found if ordinal is not None
        ]

    def known_terms(self, terms: Iterable[str]) -> set[str]:
        """The terms, of many, that any segment contains, compared only by their 64-bit `hash_term`."""
        asked = [*terms]
        hashes = np.fromiter(map(hash_term, asked), np.uint64, len(asked))
        known = np.zeros(len(asked), bool)
        for segment in self.segments:
            known |= segment.has_each(hashes)
        return set(compress(asked, known))

    def posting_count(self, term: str) -> int:
        """The number of postings of a term in all fields, including hidden and deleted documents."""
        return sum(segment.posting_count(ordinal) for segment, _, ordinal in self.lookup(term))

    def doc_values(self, name: str) -> Array:
        """A value of each document (`DOC_VALUES`)."""
        parts = [segment.documents.read(name) for segment in self.segments]
        return np.concatenate(parts or [np.zeros(0, np.int64)])

    @cached_property
    def field_lengths(self) -> Array:
        """The number of tokens by field and document."""
        return np.concatenate([segment.field_lengths() for segment in self.segments], axis=1)

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages of the texts, by descending number of documents."""
        counts: Counter[str] = Counter()
        for segment in self.segments:
            counts.update(segment.languages)
        return tuple(sorted(counts, key=lambda tag: (-counts[tag], tag)))

    def docs_with(self, term: str, fields: Array | None = None) -> Array:
        """The documents with a term in any field, or in the fields of a mask; repeated for each field."""
        parts = [np.zeros(0, np.int64)]
        for segment, base, ordinal in self.lookup(term):
            doc = segment.docs(ordinal)
            if fields is not None:
                doc = doc[np.repeat(fields, segment.doc_freq(ordinal))]
            parts.append(doc.astype(np.int64) + base)
        return np.concatenate(parts)

    def masks_of_each(self, terms: Sequence[str], fields: Array) -> Array:
        """The masks of the documents with each of many distinct terms in some fields, one row per term.

        Like `docs_with` for each term, but much faster, because each segment is searched once.
        """
        masks = np.zeros((len(terms), self.size), bool)
        hashes = np.fromiter(map(hash_term, terms), np.uint64, len(terms))
        for segment, base in zip(self.segments, self.doc_bases, strict=False):
            segment.mark_each(hashes, fields, masks[:, base : base + segment.size])
        return masks

    def masks_with_any(self, words: Sequence[Collection[str]], fields: Array | None = None) -> Array:
        """The masks of the documents with any term of each of many words, in any field or in those of a mask,
        one row per word. Terms are compared only by their 64-bit `hash_term`.
        """
        masks = np.zeros((len(words), self.size), bool)
        flat = masks.reshape(-1)  # a quarter of the time of two indexes
        rows = np.repeat(np.arange(len(words)) * self.size, [len(terms) for terms in words])
        hashes = np.fromiter(map(hash_term, chain.from_iterable(words)), np.uint64, len(rows))
        for segment, base in zip(self.segments, self.doc_bases, strict=False):
            found, docs = segment.docs_of_each(hashes, fields)
            flat[(rows + base)[found] + docs] = True
        return masks

    def mask_of(self, field: str, values: Iterable[object]) -> Array:
        """The mask of the documents with any of these values in a keyword field."""
        mask = np.zeros(self.size, bool)
        terms = [keyword_term(field, value) for value in values]
        for segment, base in zip(self.segments, self.doc_bases, strict=False):
            for found in filter(len, map(segment.keyword_mask, terms)):
                mask[base : base + segment.size] |= found
        return mask

    def filter_mask(self, filter_: IncidentFilter) -> Array:
        """The mask of the documents that pass a filter."""
        mask = self.mask_of("status", filter_.statuses)
        for namespace, keys in filter_.terms.items():
            mask &= self.mask_of(f"term_{namespace}", keys)
        if filter_.languages:
            mask &= self.mask_of("language", self._variants_of(filter_.languages))
        keywords = (
            ("organization", filter_.organizations),
            ("kind", filter_.kinds),
            ("tag", filter_.tags),
            ("source", filter_.source_keys),
            ("collection", filter_.collections),
        )
        for name, values in keywords:
            if values:
                mask &= self.mask_of(name, values)
        if filter_.severities is not None:
            mask &= np.isin(self.severity, filter_.severities)
        if filter_.first is not None:
            mask &= self.dated & (self.last_day >= filter_.first.toordinal())
        if filter_.last is not None:
            mask &= self.dated & (self.first_day <= filter_.last.toordinal())
        return mask

    def _variants_of(self, languages: Iterable[str]) -> list[str]:
        """The languages of the texts that are one of `languages`, or a variant of one: `en-GB` for `en`."""
        return [tag for tag in self.languages if any(in_language(tag, language) for language in languages)]

    def facet(self, name: str) -> tuple[list[str], Array, Array]:
        """The keys of a facet of FACETS and their postings: parallel arrays of documents and indexes of keys.

        An incident counts for each year in which it may have occurred, consistent with the date filters.
        """
        facet = self._facets.get(name)
        if facet is None:
            facet = self._facets[name] = self._read_facet(name)
        return facet

    def _read_facet(self, name: str) -> tuple[list[str], Array, Array]:
        if name == "language":
            keys = sorted({primary_subtag(tag) for tag in self.languages})
            docs = [np.flatnonzero(self.mask_of("language", self._variants_of([key]))) for key in keys]
        elif name == "severity":
            keys = [str(level) for level in range(1, 6)]
            docs = [np.flatnonzero(self.severity == int(key)) for key in keys]
        elif name == "year":
            keys = [str(year) for year in self._years()]
            docs = [np.flatnonzero(self._occurred_in(int(key))) for key in keys]
        else:
            field = name if name == "collection" else f"term_{name}"
            keys = sorted({key for segment in self.segments for key, _ in segment.keyword_values(field)})
            docs = [self.docs_with(keyword_term(field, key)) for key in keys]
        numbers = np.repeat(np.arange(len(keys)), [len(found) for found in docs])
        return keys, np.concatenate([np.zeros(0, np.int64), *docs]), numbers

    def _years(self) -> range:
        """The years from the first to the last incident with a known date."""
        if not self.dated.any():
            return range(0)
        first, last = int(self.first_day[self.dated].min()), int(self.last_day[self.dated].max())
        return range(date.fromordinal(first).year, date.fromordinal(last).year + 1)

    def _occurred_in(self, year: int) -> Array:
        """The mask of the documents that may have occurred in a year."""
        first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
        return self.dated & (self.last_day >= first) & (self.first_day <= last)

    def surface_forms(self, term: str) -> frozenset[str]:
        """The case-folded words that were indexed under a term."""
        return self._surface_forms.get_or_create(
            term, lambda: self._read_surface_forms(term), lambda forms: 80 * len(forms)
        )

    def _read_surface_forms(self, term: str) -> frozenset[str]:
        return frozenset(
            form for segment, _, ordinal in self.lookup(term) for form in segment.surface_forms(ordinal)
        )

    def stored(self, doc: int) -> bytes:
        """The stored bytes of a document."""
        segment, number = self._locate(doc)
        return segment.stored(number)

    def _read_seq(self, doc: int) -> int:
        segment, number = self._locate(doc)
        return int(segment.documents.read("seq", number, number + 1)[0])

    def _locate(self, doc: int) -> tuple[Segment, int]:
        """The segment of a document, and its number in it."""
        index = bisect_right(self.doc_bases, doc) - 1
        return self.segments[index], doc - self.doc_bases[index]

    def has_surface_form(self, doc: int, form: str) -> bool:
        """Whether a case-folded word occurs in the stored JSON of a document."""
        return any(
            form in text and any(word[0] == form for word in WORD.finditer(text))
            for text in map(str.casefold, _texts(orjson.loads(self.stored(doc) or b"null")))
        )

    def digests(self) -> dict[int, int]:
        """The digest of each document, by incident."""
        digests = self.doc_values("digest")[self.live_docs].tolist()
        return dict(zip(self.ids[self.live_docs].tolist(), digests, strict=True))

    def files(self, folder: Path) -> Sequence[tuple[str, str]]:
        """The path and the name of each file of the snapshot."""
        if self._files is None:
            names = [file.name for segment in self.segments for file in segment.files]
            names += [f"_MAIN_{self.generation}.toc", f"MANIFEST_{self.generation}.json"]
            self._files = [(str(folder / self.build / name), name) for name in names]
        return self._files


def _texts(value: object) -> Iterator[str]:
    """Yield every string in a decoded JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)
