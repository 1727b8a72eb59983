"""How the index is written: Whoosh's own format, under names that cannot collide, with a manifest."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from whoosh.codec.whoosh3 import W3Codec
from whoosh.index import FileIndex
from whoosh.writing import SegmentWriter

from kb.search.whoosh_engine.schema import schema

if TYPE_CHECKING:
    from kb.search.whoosh_engine.storage import DurableStorage


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

    def _commit_toc(self, segments: list[Any]) -> None:
        self.storage.live_segments = frozenset(segment.segment_id() for segment in segments)
        super()._commit_toc(segments)
