"""One state of the index, in one space of document numbers: what never changes while it is asked."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson

from kb.domain.dates import UNKNOWN_DATE
from kb.search.analysis import WORD
from kb.search.cache import LruCache
from kb.search.engine import IndexUnusableError, Position
from kb.search.whoosh_engine.format.layout import MARKER_ID, keyword_term

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from kb.domain.filters import IncidentFilter
    from kb.search.whoosh_engine.format.arrays import Array
    from kb.search.whoosh_engine.format.segment import Segment
    from kb.search.whoosh_engine.querying.matches import Matches

_LEAST_CACHE_BYTES, _CACHE_BYTES_PER_DOCUMENT = 4_000_000, 1_000
"""How much a state of the index remembers of the terms that it was asked for: 10 MB at 10,000 documents."""


class Row(NamedTuple):
    """A term in a segment, whose documents are numbered from `base` on."""

    segment: Segment
    base: int
    row: int


class Snapshot:
    """The segments of one commit, as if they were one."""

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
        self.bases = np.cumsum([0, *(segment.size for segment in segments)]).tolist()
        self.size: int = self.bases[-1]
        self.ids = self._fact("id")
        self.alive = self.ids != MARKER_ID
        markers = ~self.alive
        for base, docs in zip(self.bases, deletions, strict=False):
            deleted = base + np.fromiter(docs, np.int64, len(docs))
            self.alive[deleted] = markers[deleted] = False
        if markers.sum() != 1:
            raise IndexUnusableError("The index does not say how far it has followed.")
        self.position = Position(database_id, int(self._fact("seq")[markers][0]))
        self.first_day, self.last_day = self._fact("first_day"), self._fact("last_day")
        self.dated = self.first_day > UNKNOWN_DATE.first.toordinal()
        self.severity = self._fact("severity")
        self._files: list[tuple[str, str]] | None = None
        room = max(_LEAST_CACHE_BYTES, self.size * _CACHE_BYTES_PER_DOCUMENT)
        self.matches: LruCache[Matches] = LruCache(room)
        self.masks: LruCache[Array] = LruCache(room // 8)
        self._forms: LruCache[frozenset[str]] = LruCache(room // 8)
        self._rows: LruCache[Sequence[Row]] = LruCache(room // 8)
        # By audiences, the views of this snapshot (`view_of`), which know it; it doesn't know them.
        self.views: OrderedDict[frozenset[str] | None, Any] = OrderedDict()

    @cached_property
    def latest_first(self) -> Array:
        """All documents, the latest first, then by id: the order of what no word tells apart."""
        return np.lexsort((self.ids, -self.first_day.astype(np.int64)))

    def rows(self, term: str) -> Sequence[Row]:
        """Where a term stands in the segments that have it."""
        return self._rows.get_or_create(term, lambda: self._find_rows(term), lambda rows: 100 * len(rows))

    def _find_rows(self, term: str) -> Sequence[Row]:
        found = zip(
            self.segments, self.bases, (segment.find(term) for segment in self.segments), strict=False
        )
        return [Row(segment, base, row) for segment, base, row in found if row is not None]

    def frequency(self, term: str) -> int:
        """How many postings a term has, in all fields, hidden and deleted documents among them."""
        return sum(int(segment.doc_freq[row].sum()) for segment, _, row in self.rows(term))

    def _fact(self, name: str) -> Array:
        parts = [segment.documents.read(name) for segment in self.segments]
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)

    @cached_property
    def field_lengths(self) -> Array:
        """The number of words by field and document."""
        return np.concatenate([segment.field_lengths for segment in self.segments], axis=1)

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages of its texts."""
        found = (value for segment in self.segments for value, _ in segment.keywords.get("language", ()))
        return tuple(sorted(set(found)))

    def docs_with(self, term: str) -> Array:
        """The documents that carry a term of a keyword field."""
        parts = [segment.postings(row).doc.astype(np.int64) + base for segment, base, row in self.rows(term)]
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)

    def any_of(self, field: str, values: Iterable[object]) -> Array:
        """Which documents carry any of these values of a keyword field."""
        mask = np.zeros(self.size, bool)
        for value in values:
            mask[self.docs_with(keyword_term(field, value))] = True
        return mask

    def passing(self, wanted: IncidentFilter) -> Array:
        """Which documents a filter lets through."""
        mask = self.any_of("status", wanted.statuses)
        for namespace, keys in wanted.terms.items():
            mask &= self.any_of(f"term_{namespace}", keys)
        if wanted.organization_key is not None:
            mask &= self.any_of("organization", [wanted.organization_key])
        for name, values in (("language", wanted.languages), ("kind", wanted.kinds), ("tag", wanted.tags)):
            if values:
                mask &= self.any_of(name, values)
        if wanted.severities is not None:
            mask &= np.isin(self.severity, wanted.severities)
        if wanted.first is not None:
            mask &= self.dated & (self.last_day >= wanted.first.toordinal())
        if wanted.last is not None:
            mask &= self.dated & (self.first_day <= wanted.last.toordinal())
        return mask

    def facet(self, namespace: str) -> tuple[list[str], Array, Array]:
        """The keys of a namespace; and its postings, as parallel arrays of documents and numbers of keys."""
        field = f"term_{namespace}"
        keys = sorted({value for segment in self.segments for value, _ in segment.keywords.get(field, ())})
        docs = [self.docs_with(keyword_term(field, key)) for key in keys]
        numbers = np.repeat(np.arange(len(keys)), [len(found) for found in docs])
        return keys, np.concatenate([np.zeros(0, np.int64), *docs]), numbers

    @cached_property
    def facets(self) -> dict[str, tuple[list[str], Array, Array]]:
        """What `facet` gave, by namespace."""
        return {}

    def forms(self, term: str) -> frozenset[str]:
        """The case-folded words that a term stands for in the texts."""
        return self._forms.get_or_create(term, lambda: self._find_forms(term), lambda forms: 80 * len(forms))

    def _find_forms(self, term: str) -> frozenset[str]:
        return frozenset(form for segment, _, row in self.rows(term) for form in segment.surface_forms(row))

    def stored(self, doc: int) -> bytes:
        """The bytes that are shown with a document."""
        number = bisect_right(self.bases, doc) - 1
        return self.segments[number].stored(doc - self.bases[number])

    def has_form(self, doc: int, form: str) -> bool:
        """Whether a case-folded word stands in a text of what is shown with a document, which is JSON."""
        return any(
            form in text and any(word[0] == form for word in WORD.finditer(text))
            for text in map(str.casefold, _texts(orjson.loads(self.stored(doc) or b"null")))
        )

    def digests(self) -> dict[int, int]:
        """By incident, the digest of its document."""
        digests = self._fact("digest")[self.alive].tolist()
        return dict(zip(self.ids[self.alive].tolist(), digests, strict=True))

    def files(self, folder: Path) -> Sequence[tuple[str, str]]:
        """The path and the name of each file that it reads."""
        if self._files is None:
            names = [file.name for segment in self.segments for file in segment.files]
            names.append(f"_MAIN_{self.generation}.toc")
            self._files = [(str(folder / self.build / name), name) for name in names]
        return self._files

    def find(self, incident_id: int) -> int | None:
        """The number of an incident's document."""
        found = np.flatnonzero((self.ids == incident_id) & self.alive)
        return int(found[0]) if len(found) else None


def _texts(value: object) -> Iterator[str]:
    """Every text in what JSON held."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)
