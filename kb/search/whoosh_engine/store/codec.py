"""A Whoosh codec for our segment format, with which Whoosh commits our segments and can search them.

Whoosh owns the schema, the table of contents and the commit; we own the content of segments.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from whoosh.codec import base
from whoosh.formats import Positions
from whoosh.matching import ListMatcher
from whoosh.reading import TermInfo, TermNotFound

from kb.search.whoosh_engine.format.arrays import write_arrays
from kb.search.whoosh_engine.format.layout import INDEXED_TEXT_FIELDS, KEYWORD_FIELDS, keyword_term
from kb.search.whoosh_engine.format.segment import DOCUMENTS, INVERTED, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.search.whoosh_engine.format.layout import SegmentBuilder
    from kb.search.whoosh_engine.store.storage import DurableStorage

_POSITIONS = Positions()


def write_segment(storage: DurableStorage, name: str, builder: SegmentBuilder) -> None:
    """Write the two files of a new segment."""
    write_files(storage, name, *builder.arrays())


def write_files(storage: DurableStorage, name: str, documents: Any, inverted: Any) -> None:
    """Write the two files of a segment, given their arrays."""
    for extension, arrays in ((DOCUMENTS, documents), (INVERTED, inverted)):
        with storage.create_file(f"{name}{extension}") as file:
            write_arrays(file, arrays, {"fields": INDEXED_TEXT_FIELDS})


class SegmentInfo(base.Segment):
    """A segment as listed in Whoosh's table of contents: its name, size and deleted documents."""

    def __init__(self, indexname: str, size: int = 0) -> None:
        self.indexname = indexname
        # Whoosh generates names with `random`, whose state forked processes share.
        self.segid = secrets.token_hex(16)
        self.compound = False
        self.size = size
        self.deleted: set[int] = set()

    def codec(self, **_: Any) -> Codec:
        return Codec()

    def set_doc_count(self, count: int) -> None:
        self.size = count

    def doc_count_all(self) -> int:
        return self.size

    def doc_count(self) -> int:
        return self.size - len(self.deleted)

    def deleted_count(self) -> int:
        return len(self.deleted)

    def has_deletions(self) -> bool:
        return bool(self.deleted)

    def deleted_docs(self) -> Iterator[int]:
        return iter(self.deleted)

    def is_deleted(self, docnum: int) -> bool:
        return docnum in self.deleted

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        if delete:
            self.deleted.add(docnum)
        else:
            self.deleted.discard(docnum)


class Codec(base.Codec):
    """Reads and writes our segments for Whoosh."""

    length_stats = False

    def per_document_writer(self, storage: Any, segment: Any) -> _NullWriter:  # noqa: ARG002
        return _NullWriter()

    def field_writer(self, storage: Any, segment: Any) -> _NullWriter:  # noqa: ARG002
        return _NullWriter()

    def terms_reader(self, storage: DurableStorage, segment: Any) -> _TermsReader:
        return _TermsReader(_open(storage, segment))

    def per_document_reader(self, storage: DurableStorage, segment: Any) -> _DocumentReader:
        return _DocumentReader(_open(storage, segment), segment)

    def new_segment(self, storage: Any, indexname: str) -> SegmentInfo:  # noqa: ARG002
        return SegmentInfo(indexname)


def _open(storage: DurableStorage, segment: Any) -> Segment:
    return Segment(Path(storage.folder), segment.segment_id())


class _NullWriter:
    """A no-op writer for Whoosh, because our Writer writes the files itself."""

    is_closed = False

    def close(self) -> None:
        self.is_closed = True


class _DocumentReader(base.PerDocumentReader):
    """Whoosh's view of the documents of a segment: deletions, field lengths, ids."""

    def __init__(self, segment: Segment, entry: Any) -> None:
        self._segment = segment
        self._entry = entry

    def doc_count(self) -> int:
        return int(self._entry.doc_count())

    def doc_count_all(self) -> int:
        return self._segment.size

    def has_deletions(self) -> bool:
        return bool(self._entry.has_deletions())

    def is_deleted(self, docnum: int) -> bool:
        return bool(self._entry.is_deleted(docnum))

    def deleted_docs(self) -> Any:
        return self._entry.deleted_docs()

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
        found = self._find(fieldname, text)
        if found is None:
            raise TermNotFound(f"{fieldname}:{text!r}")
        doc, frequency = self._segment.field_postings(*found)
        lengths = self._segment.field_lengths()[found[1], doc]
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
        found = self._find(fieldname, text)
        if found is None:
            raise TermNotFound(f"{fieldname}:{text!r}")
        doc, frequency = self._segment.field_postings(*found)
        _, positions = self._segment.positions(*found)
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
