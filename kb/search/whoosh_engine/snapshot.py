"""One state of the index, in one space of document numbers: what never changes while it is asked."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import numpy as np

from kb.search.analysis import WORD
from kb.search.engine import TEXT_WEIGHTS, IndexUnusableError, Position
from kb.search.whoosh_engine.layout import FIELDS, MARKER_ID, TEXT_FIELDS, keyword

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence
    from pathlib import Path

    from kb.domain.filters import IncidentFilter
    from kb.search.whoosh_engine.arrays import Array
    from kb.search.whoosh_engine.codec import SegmentEntry
    from kb.search.whoosh_engine.segment import Segment

K1, B = 1.2, 0.75
"""The free parameters of BM25F: how fast a repeated word stops counting, how much a long field costs."""

_WEIGHTS = np.array(list(TEXT_WEIGHTS.values()))
_CACHE_BYTES, _CACHE_BYTES_PER_DOCUMENT = 16_000_000, 800
"""How much a state of the index remembers of the terms that it was asked for: 24 MB at 10,000 documents."""

_MOST_VIEWS = 64

_Value = TypeVar("_Value")


class Matches(NamedTuple):
    """Documents that match: how many, and a mask over all; and their scores.

    Where they are few, `docs` has their numbers, ascending, and `scores` the score of each; where they are
    many, `docs` is None and `scores` goes over all documents.
    """

    total: int
    mask: Array
    docs: Array | None
    scores: Array

    def scores_of(self, docs: Array) -> Array:
        """The scores of some documents, 0 for those that do not match."""
        if self.docs is None:
            return self.scores[docs]
        if not self.total:
            return np.zeros(len(docs))
        place = np.minimum(np.searchsorted(self.docs, docs), self.total - 1)
        return np.where(self.mask[docs], self.scores[place], 0.0)


def make_matches(size: int, docs: Array, scores: Array) -> Matches:
    """The documents that match, ascending by number, of `size` in all."""
    mask = np.zeros(size, bool)
    mask[docs] = True
    if len(docs) * 2 <= size:
        return Matches(len(docs), mask, docs, scores)
    dense = np.zeros(size)
    dense[docs] = scores
    return Matches(len(docs), mask, None, dense)


class Contributions(NamedTuple):
    """What the postings of a term add to scores, as parallel arrays."""

    doc: Array
    field: Array
    score: Array


class Cache(Generic[_Value]):
    """Values by key, the longest unused dropped first, up to a size in bytes. Threads may share it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._values: OrderedDict[Hashable, tuple[_Value, int]] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], _Value], size: Callable[[_Value], int]) -> _Value:
        """The value of a key, made if it is not there."""
        with self._guard:
            found = self._values.get(key)
            if found is not None:
                self._values.move_to_end(key)
                return found[0]
        value = make()
        entry = (value, size(value) + 200)
        with self._guard:
            if key not in self._values:
                self._values[key] = entry
                self._size += entry[1]
            while self._size > self._most:
                self._size -= self._values.popitem(last=False)[1][1]
        return value


class Snapshot:
    """The segments of one commit, as if they were one."""

    def __init__(
        self,
        build: str,
        generation: int,
        source: str,
        segments: Sequence[Segment],
        entries: Sequence[SegmentEntry],
    ) -> None:
        self.build, self.generation = build, generation
        self.segments = tuple(segments)
        self.bases = np.cumsum([0, *(segment.size for segment in segments)]).tolist()
        self.size: int = self.bases[-1]
        self.ids = self._fact("id")
        self.alive = self.ids != MARKER_ID
        markers = ~self.alive
        for base, entry in zip(self.bases, entries, strict=False):
            deleted = base + np.fromiter(entry.deleted, np.int64, len(entry.deleted))
            self.alive[deleted] = markers[deleted] = False
        if markers.sum() != 1:
            raise IndexUnusableError("The index does not say how far it has followed.")
        self.position = Position(source, int(self._fact("seq")[markers][0]))
        self.first_day, self.last_day = self._fact("first_day"), self._fact("last_day")
        self.severity = self._fact("severity")
        self._files: list[tuple[str, str]] | None = None
        room = _CACHE_BYTES + self.size * _CACHE_BYTES_PER_DOCUMENT
        self.matches: Cache[Matches] = Cache(room)
        self.masks: Cache[Array] = Cache(room // 8)
        self._forms: Cache[frozenset[str]] = Cache(room // 8)
        self._views: OrderedDict[frozenset[str] | None, View] = OrderedDict()

    def _fact(self, name: str) -> Array:
        parts = [segment.documents.read(name) for segment in self.segments]
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)

    @cached_property
    def lengths(self) -> Array:
        """The number of words by field and document."""
        return np.concatenate([segment.lengths for segment in self.segments], axis=1)

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages of its texts."""
        found = (value for segment in self.segments for value, _ in segment.keywords.get("language", ()))
        return tuple(sorted(set(found)))

    def view(self, audiences: frozenset[str] | None) -> View:
        """The documents that some audiences may see."""
        view = self._views.get(audiences)
        if view is None:
            view = self._views[audiences] = View(self, audiences)
            while len(self._views) > _MOST_VIEWS:
                self._views.popitem(last=False)
        return view

    def docs_with(self, term: str) -> Array:
        """The documents that carry a term of a keyword field."""
        parts = [
            segment.postings(row).doc.astype(np.int64) + base
            for segment, base in zip(self.segments, self.bases, strict=False)
            if (row := segment.find(term)) is not None
        ]
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)

    def any_of(self, field: str, values: Iterable[object]) -> Array:
        """Which documents carry any of these values of a keyword field."""
        mask = np.zeros(self.size, bool)
        for value in values:
            mask[self.docs_with(keyword(field, value))] = True
        return mask

    def passing(self, wanted: IncidentFilter) -> Array:
        """Which documents a filter lets through."""
        terms = tuple((namespace, tuple(keys)) for namespace, keys in wanted.terms.items())
        key = (
            terms, wanted.organization_key, wanted.languages, wanted.statuses, wanted.kinds, wanted.tags,
            wanted.severities, wanted.first, wanted.last,
        )  # fmt: skip
        return self.masks.get(key, lambda: self._passing(wanted), lambda mask: mask.nbytes)

    def _passing(self, wanted: IncidentFilter) -> Array:
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
            mask &= self.last_day >= wanted.first.toordinal()
        if wanted.last is not None:
            mask &= self.first_day <= wanted.last.toordinal()
        return mask

    def facet(self, namespace: str) -> tuple[list[str], Array, Array]:
        """The keys of a namespace; and its postings, as parallel arrays of documents and numbers of keys."""
        field = f"term_{namespace}"
        keys = sorted({value for segment in self.segments for value, _ in segment.keywords.get(field, ())})
        docs = [self.docs_with(keyword(field, key)) for key in keys]
        numbers = np.repeat(np.arange(len(keys)), [len(found) for found in docs])
        return keys, np.concatenate([np.zeros(0, np.int64), *docs]), numbers

    @cached_property
    def facets(self) -> dict[str, tuple[list[str], Array, Array]]:
        """What `facet` gave, by namespace."""
        return {}

    def forms(self, term: str) -> frozenset[str]:
        """The case-folded words that a term stands for in the texts."""
        return self._forms.get(term, lambda: self._find_forms(term), lambda forms: 80 * len(forms))

    def _find_forms(self, term: str) -> frozenset[str]:
        rows = ((segment, segment.find(term)) for segment in self.segments)
        return frozenset(form for segment, row in rows if row is not None for form in segment.forms(row))

    def stored(self, doc: int) -> bytes:
        """The bytes that are shown with a document."""
        number = int(np.searchsorted(self.bases, doc, side="right")) - 1
        return self.segments[number].stored(doc - self.bases[number])

    def has_form(self, doc: int, form: str) -> bool:
        """Whether a case-folded word stands in what is shown with a document, which is JSON."""
        text = self.stored(doc).decode("utf-8", "replace").replace("\\n", "\n").replace('\\"', '"').casefold()
        return form in text and any(word[0] == form for word in WORD.finditer(text))

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


class View:
    """A state of the index as some audiences see it: its statistics too count nothing else.

    So neither totals nor scores tell of what is hidden; and what is deleted weighs nothing until it is merged
    away.
    """

    def __init__(self, snapshot: Snapshot, audiences: frozenset[str] | None) -> None:
        self.snapshot, self.audiences = snapshot, audiences
        self.mask = snapshot.alive
        if audiences is not None:
            self.mask = snapshot.alive & snapshot.any_of("audience", audiences)
        self.count = int(self.mask.sum())
        totals = snapshot.lengths[:, self.mask].sum(axis=1, dtype=np.int64)
        average = totals / max(self.count, 1)
        average[average == 0] = 1
        self._per_word = K1 * B / average

    def contributions(self, term: str, field: int | None = None) -> Contributions:
        """What a term adds to the scores of the documents that have it, field by field (BM25F)."""
        parts = [
            self._of_segment(segment, row, base)
            for segment, base in zip(self.snapshot.segments, self.snapshot.bases, strict=False)
            if (row := segment.find(term)) is not None
        ]
        if not parts:
            return Contributions(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
        doc, fields, frequency = (
            parts[0] if len(parts) == 1 else (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        )
        seen = self.mask[doc]
        if field is not None:
            seen &= fields == field
        if not seen.all():
            doc, fields, frequency = doc[seen], fields[seen], frequency[seen]
        documents = np.bincount(fields, minlength=FIELDS)
        weight = _WEIGHTS * (np.log(max(self.count, 1) / (documents + 1)) + 1) * (K1 + 1)
        slow = K1 * (1 - B) + self._per_word[fields] * self.snapshot.lengths[fields, doc]
        return Contributions(doc, fields, weight[fields] * (frequency / (frequency + slow)))

    @staticmethod
    def _of_segment(segment: Segment, row: int, base: int) -> tuple[Array, Array, Array]:
        postings = segment.postings(row)
        fields = np.repeat(_FIELD_NUMBERS, postings.counts)
        return postings.doc.astype(np.int64) + base, fields, postings.frequency.astype(np.float64)

    def places(self, term: str, field: int) -> Array:
        """Where a term stands in a field, as `doc << 32 | place`."""
        parts = []
        for segment, base in zip(self.snapshot.segments, self.snapshot.bases, strict=False):
            row = segment.find(term)
            if row is not None and segment.counts[row, field]:
                doc, place = segment.places(row, field)
                parts.append(((doc.astype(np.int64) + base) << 32) | place)
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)


_FIELD_NUMBERS = np.arange(len(TEXT_FIELDS))


def nbytes(value: Any) -> int:
    """The size of the arrays in a tuple."""
    return sum(part.nbytes for part in value if isinstance(part, np.ndarray))
