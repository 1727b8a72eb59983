"""A Whoosh codec for our segment format, with which Whoosh commits our segments. It does not read them.

Whoosh owns the schema, the table of contents and the commit; we own the content of segments.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whoosh.codec import base

from kb.search.whoosh_engine.format.arrays import encode_arrays
from kb.search.whoosh_engine.format.layout import INDEXED_TEXT_FIELDS
from kb.search.whoosh_engine.format.segment import DOCUMENTS, INVERTED, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.search.whoosh_engine.store.storage import DurableStorage


def write_files(storage: DurableStorage, name: str, documents: Any, inverted: Any) -> None:
    """Write the two files of a segment, given their arrays."""
    for extension, chunks in _encoded(documents, inverted):
        storage.write_file(f"{name}{extension}", chunks)


def open_unwritten(name: str, documents: Any, inverted: Any) -> Segment:
    """Open a small segment in memory, given the arrays of its files."""
    contents = {extension: b"".join(chunks) for extension, chunks in _encoded(documents, inverted)}
    return Segment(Path(), name, contents)


def _encoded(documents: Any, inverted: Any) -> Iterator[tuple[str, Iterator[bytes | memoryview]]]:
    """The contents of the files of a segment, by extension."""
    for extension, arrays in ((DOCUMENTS, documents), (INVERTED, inverted)):
        yield extension, encode_arrays(arrays, {"fields": INDEXED_TEXT_FIELDS})


class SegmentInfo(base.Segment):
    """A segment as listed in Whoosh's table of contents: its name, size and deleted documents."""

    def __init__(self, indexname: str, size: int = 0) -> None:
        self.indexname = indexname
        # Whoosh generates names with `random`, whose state forked processes share.
        self.segid = secrets.token_hex(16)
        self.compound = False
        self.size = size
        self.deleted: set[int] = set()

    def set_doc_count(self, count: int) -> None:
        self.size = count

    def doc_count_all(self) -> int:
        return self.size

    def deleted_count(self) -> int:
        return len(self.deleted)


class Codec(base.Codec):
    """Begins segments for Whoosh, whose content our Writer writes."""

    def per_document_writer(self, storage: Any, segment: Any) -> _NullWriter:  # noqa: ARG002
        return _NullWriter()

    def field_writer(self, storage: Any, segment: Any) -> _NullWriter:  # noqa: ARG002
        return _NullWriter()

    def new_segment(self, storage: Any, indexname: str) -> SegmentInfo:  # noqa: ARG002
        return SegmentInfo(indexname)


class _NullWriter:
    """A no-op writer for Whoosh, because our Writer writes the files itself."""

    is_closed = False

    def close(self) -> None:
        self.is_closed = True
