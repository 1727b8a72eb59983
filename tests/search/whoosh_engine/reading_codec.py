"""A codec with which Whoosh itself can search our segments, as the tests compare its hits with ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.codec import base
from whoosh.formats import Positions
from whoosh.matching import ListMatcher
from whoosh.reading import TermInfo, TermNotFound

from kb.search.whoosh_engine.format.arrays import Array
from kb.search.whoosh_engine.format.layout import INDEXED_TEXT_FIELDS, KEYWORD_FIELDS, keyword_term
from kb.search.whoosh_engine.format.segment import Segment
from kb.search.whoosh_engine.store.codec import SegmentInfo
from kb.search.whoosh_engine.store.storage import DurableStorage

_POSITIONS = Positions()


class ReadingCodec(base.Codec):
    """Opens our segments for Whoosh."""

    def terms_reader(self, storage: DurableStorage, segment: SegmentInfo) -> _TermsReader:
        return _TermsReader(_open(storage, segment))

    def per_document_reader(self, storage: DurableStorage, segment: SegmentInfo) -> _DocumentReader:
        return _DocumentReader(_open(storage, segment), segment)


def _open(storage: DurableStorage, segment: SegmentInfo) -> Segment:
    return Segment(Path(storage.folder), segment.segment_id())


class _DocumentReader(base.PerDocumentReader):
    """Whoosh's view of the documents of a segment: deletions, field lengths, ids."""

    def __init__(self, segment: Segment, entry: SegmentInfo) -> None:
        self._segment = segment
        self._deleted = entry.deleted

    def doc_count(self) -> int:
        return self._segment.size - len(self._deleted)

    def doc_count_all(self) -> int:
        return self._segment.size

    def has_deletions(self) -> bool:
        return bool(self._deleted)

    def is_deleted(self, docnum: int) -> bool:
        return docnum in self._deleted

    def deleted_docs(self) -> Iterator[int]:
        return iter(self._deleted)

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        number = _field_number(fieldname)
        return default if number is None else int(self._segment.field_lengths()[number, docnum])

    def field_length(self, fieldname: str) -> int:
        number = _field_number(fieldname)
        return 0 if number is None else int(self._segment.field_lengths()[number].sum(dtype=np.int64))

    def min_field_length(self, fieldname: str) -> int:
        number = _field_number(fieldname)
        return 0 if number is None else int(self._segment.field_lengths()[number].min())

    def max_field_length(self, fieldname: str) -> int:
        number = _field_number(fieldname)
        return 0 if number is None else int(self._segment.field_lengths()[number].max())

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        return {"id": int(self._segment.ids[docnum])}


class _TermsReader(base.TermsReader):
    """Whoosh's view of the terms of a segment, by field."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment

    def _find(self, fieldname: str, text: bytes) -> tuple[int, int] | None:
        """The ordinal of a term and the number of its field; None if it has no postings there."""
        number, term = _field_number(fieldname), text.decode("utf-8", "surrogatepass")
        ordinal = self._segment.find(keyword_term(fieldname, term) if number is None else term)
        if ordinal is None or not self._segment.doc_freq(ordinal)[number or 0]:
            return None
        return ordinal, number or 0

    def _postings(self, fieldname: str, text: bytes) -> tuple[int, Array, Array, Array]:
        """The number of a field, and the documents, frequencies and positions of a term in it."""
        found = self._find(fieldname, text)
        if found is None:
            raise TermNotFound(f"{fieldname}:{text!r}")
        ordinal, field = found
        postings, positions = self._segment.postings_with_positions(ordinal)
        start = int(postings.doc_freq[:field].sum())
        stop = start + int(postings.doc_freq[field])
        first, last = (int(postings.frequency[:end].sum(dtype=np.int64)) for end in (start, stop))
        return field, postings.doc[start:stop], postings.frequency[start:stop], positions[first:last]

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return self._find(*term) is not None

    def indexed_field_names(self) -> list[str]:
        return [*(f"text_{name}" for name in INDEXED_TEXT_FIELDS), *KEYWORD_FIELDS]

    def terms(self) -> Iterator[tuple[str, bytes]]:
        found = []
        for term, doc_freq in zip(self._segment.terms(), self._segment.doc_freqs(), strict=True):
            if term.startswith("\0"):
                _, fieldname, text = term.split("\0", 2)
                found.append((fieldname, text.encode("utf-8", "surrogatepass")))
            else:
                encoded = term.encode("utf-8", "surrogatepass")
                fields = np.flatnonzero(doc_freq)
                found += [(f"text_{INDEXED_TEXT_FIELDS[number]}", encoded) for number in fields]
        return iter(sorted(found))

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        return (term for term in self.terms() if term >= (fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        field, doc, frequency, _ = self._postings(fieldname, text)
        lengths = self._segment.field_lengths()[field, doc]
        return TermInfo(
            weight=float(frequency.sum(dtype=np.int64)),
            df=len(doc),
            minlength=int(lengths.min()),
            maxlength=int(lengths.max()),
            maxweight=float(frequency.max()),
            minid=int(doc[0]),
            maxid=int(doc[-1]),
        )

    def frequency(self, fieldname: str, text: bytes) -> float:
        return float(self.term_info(fieldname, text).weight()) if (fieldname, text) in self else 0.0

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        return int(self.term_info(fieldname, text).doc_frequency()) if (fieldname, text) in self else 0

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> ListMatcher:
        _, doc, frequency, positions = self._postings(fieldname, text)
        ends = np.cumsum(frequency, dtype=np.int64)
        values = [_POSITIONS.encode(part.tolist()) for part in np.split(positions, ends[:-1])]
        return ListMatcher(
            doc.tolist(),
            [float(count) for count in frequency],
            values,
            format_,
            scorer=scorer,
            term=(fieldname, text),
            terminfo=self.term_info(fieldname, text),
        )


def _field_number(fieldname: str) -> int | None:
    """The number of a text field; None for a keyword field, whose postings are stored under field 0."""
    name = fieldname.removeprefix("text_")
    return (
        INDEXED_TEXT_FIELDS.index(name)
        if fieldname.startswith("text_") and name in INDEXED_TEXT_FIELDS
        else None
    )
