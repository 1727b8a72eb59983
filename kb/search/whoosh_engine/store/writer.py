"""The index writer: Whoosh keeps the table of contents and commits it; the segments are in our format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from whoosh.index import TOC, FileIndex
from whoosh.writing import SegmentWriter

from kb.search.whoosh_engine.format.layout import MARKER_ID, SegmentBuilder
from kb.search.whoosh_engine.store.codec import Codec, SegmentInfo, write_files, write_segment
from kb.search.whoosh_engine.store.merging import find_merge, merge, merge_sources
from kb.search.whoosh_engine.store.schema import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from kb.search.engine import IndexDocument
    from kb.search.whoosh_engine.format.segment import Segment
    from kb.search.whoosh_engine.store.storage import DurableStorage

    OpenSegment = Callable[[str], Segment]

INDEX_NAME = "MAIN"


class Writer(SegmentWriter):
    """Commits at the end of its `with` block, or cancels on an error.

    `open_segment` opens a segment by name.
    """

    def __init__(self, storage: DurableStorage, open_segment: OpenSegment) -> None:
        super().__init__(FileIndex(storage, schema(), INDEX_NAME), codec=Codec(), compound=False)
        self.segments: list[SegmentInfo] = self.segments  # as listed in the table of contents
        self._open = open_segment
        self._builder = SegmentBuilder()

    def __len__(self) -> int:
        """The number of buffered documents."""
        return len(self._builder)

    def add(self, document: IndexDocument) -> None:
        """Add a document that is not in the index yet."""
        self._builder.add(document)

    def set_seq(self, seq: int) -> None:
        """Set the `seq` of the index, by replacing the marker."""
        self.delete({MARKER_ID})
        self._builder.add_marker(seq)

    def delete(self, ids: Collection[int]) -> None:
        """Mark the documents of these incidents as deleted, if they are in the index."""
        deleted = np.array(sorted(ids), np.int64)
        for entry in self.segments:
            ids = self._open(entry.segment_id()).ids
            # One id, as of most writes, is looked for ten times as fast.
            found = np.flatnonzero(ids == deleted[0] if len(deleted) == 1 else np.isin(ids, deleted))
            entry.deleted.update(found.tolist())

    def replace_segments(self, sources: Sequence[SegmentInfo], merged: SegmentInfo) -> None:
        """Replace segments by the one that they were merged into."""
        replaced = {entry.segment_id() for entry in sources}
        self.segments = [entry for entry in self.segments if entry.segment_id() not in replaced]
        self.segments.append(merged)

    def commit(self, **_: Any) -> None:
        self._check_state()
        entries = [entry for entry in self.segments if entry.doc_count()]
        if len(self._builder):
            self.newsegment.set_doc_count(len(self._builder))
            write_segment(self.storage, self.newsegment.segment_id(), self._builder)
            entries.append(self.newsegment)
        self._close_segment()
        self._commit_toc(self._merge_small(entries))
        self._finish()

    def _merge_small(self, entries: list[SegmentInfo]) -> list[SegmentInfo]:
        while chosen := find_merge(entries, small=True):
            documents, inverted, _ = merge(merge_sources(chosen, self._open))
            merged = SegmentInfo(INDEX_NAME, len(documents["id"]))
            write_files(self.storage, merged.segment_id(), documents, inverted)
            entries = [*(entry for entry in entries if entry not in chosen), merged]
        return entries

    def _commit_toc(self, segments: list[Any]) -> None:
        self.storage.live_segments = frozenset(segment.segment_id() for segment in segments)
        super()._commit_toc(segments)


def read_entries(storage: DurableStorage) -> list[SegmentInfo]:
    """The segments of the last commit, as its table of contents lists them."""
    entries: list[SegmentInfo] = TOC.read(storage, INDEX_NAME, schema=schema()).segments
    return entries
