"""How the index is written: Whoosh's own format, under names that cannot collide, with a manifest."""

from __future__ import annotations

import secrets
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from whoosh.codec.whoosh3 import W3Codec
from whoosh.index import FileIndex
from whoosh.reading import SegmentReader
from whoosh.writing import SegmentWriter

from kb.search.whoosh_engine.schema import schema

if TYPE_CHECKING:
    from kb.search.whoosh_engine.storage import DurableStorage


_MAGNITUDE = 3
"""Binary digits of a magnitude: up to 3 documents, up to 31, up to 255, ...; eight equals make one."""

_LARGE = 2
"""The magnitude from which on segments are not merged any more: 32 documents."""


class Codec(W3Codec):
    """Whoosh's codec with names from the system's source of randomness.

    Its own come from `random`, whose state forked processes share: two of them would write the same files.
    """

    def new_segment(self, storage: DurableStorage, indexname: str) -> Any:
        segment = super().new_segment(storage, indexname)
        segment.segid = secrets.token_hex(16)
        return segment


class Writer(SegmentWriter):
    """A writer that commits at the end of its `with` block, or cancels on an error."""

    def __init__(self, storage: DurableStorage) -> None:
        # Compound files would be copied into memory, whole, by each reader.
        super().__init__(FileIndex(storage, schema(), "MAIN"), codec=Codec(), compound=False)

    def commit(self, **_: Any) -> None:
        super().commit(mergetype=_merge_equals)

    def _commit_toc(self, segments: list[Any]) -> None:
        self.storage.live_segments = frozenset(segment.segment_id() for segment in segments)
        super()._commit_toc(segments)


def _merge_equals(writer: Writer, segments: list[Any]) -> list[Any]:
    """Merge segments of one order of magnitude when there are enough of them; leave the others.

    The cost of a merge is bounded, since a request waits for it: larger segments stay as they are until the
    index is rebuilt.
    """
    magnitudes: dict[int, list[Any]] = defaultdict(list)
    for segment in segments:
        magnitudes[segment.doc_count().bit_length() // _MAGNITUDE].append(segment)
    for magnitude, equals in sorted(magnitudes.items()):
        if magnitude < _LARGE and len(equals) >= 2**_MAGNITUDE:
            for segment in equals:
                reader = SegmentReader(writer.storage, writer.schema, segment)
                writer.add_reader(reader)
                reader.close()
            return [segment for segment in segments if segment not in equals]
    return segments
