"""The index writer: Whoosh maintains and commits the table of contents; the segments are in our format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from whoosh.index import TOC, FileIndex
from whoosh.writing import SegmentWriter

from kb.search.whoosh_engine.format.layout import MARKER_ID, SegmentBuilder
from kb.search.whoosh_engine.store.codec import Codec, SegmentInfo, open_unwritten, write_files
from kb.search.whoosh_engine.store.merging import find_merge, merge, merge_sources
from kb.search.whoosh_engine.store.schema import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from kb.search.engine import IndexDocument
    from kb.search.whoosh_engine.format.arrays import Array
    from kb.search.whoosh_engine.format.segment import Segment
    from kb.search.whoosh_engine.store.storage import DurableStorage

    OpenSegment = Callable[[str], Segment]

    _Arrays = tuple[dict[str, Array], dict[str, Array]]
    """The arrays of the two files of a segment."""

INDEX_NAME = "MAIN"


class Writer(SegmentWriter):
    """Writes segments. Commits at the end of its `with` block, or cancels on an error.

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
            # For a single id, as in most writes, `==` is ten times as fast.
            found = np.flatnonzero(ids == deleted[0] if len(deleted) == 1 else np.isin(ids, deleted))
            entry.deleted.update(found.tolist())

    def replace_segments(self, sources: Sequence[SegmentInfo], merged: SegmentInfo) -> None:
        """Replace the sources of a merge by the merged segment."""
        replaced = {entry.segment_id() for entry in sources}
        self.segments = [entry for entry in self.segments if entry.segment_id() not in replaced]
        self.segments.append(merged)

    def commit(self, **_: Any) -> None:
        self._check_state()
        entries = [entry for entry in self.segments if entry.doc_count()]
        new: dict[str, _Arrays] = {}
        if len(self._builder):
            self.newsegment.set_doc_count(len(self._builder))
            new[self.newsegment.segment_id()] = self._builder.arrays()
            entries.append(self.newsegment)
        entries = self._merge_small(entries, new)
        for entry in entries:
            if arrays := new.get(entry.segment_id()):
                write_files(self.storage, entry.segment_id(), *arrays)
        self._close_segment()
        self._commit_toc(entries)
        self._finish()
        self.segments = entries

    def _merge_small(self, entries: list[SegmentInfo], new: dict[str, _Arrays]) -> list[SegmentInfo]:
        """Merge small segments: stored ones, and `new` ones, whose files need not be written for that.

        Adds merged segments to the `new` ones, and returns all entries that are left.
        """

        def open_segment(name: str) -> Segment:
            return open_unwritten(name, *new[name]) if name in new else self._open(name)

        while chosen := find_merge(entries, small=True):
            documents, inverted, _ = merge(merge_sources(chosen, open_segment))
            merged = SegmentInfo(INDEX_NAME, len(documents["id"]))
            new[merged.segment_id()] = documents, inverted
            entries = [*(entry for entry in entries if entry not in chosen), merged]
        return entries

    def _commit_toc(self, segments: list[Any]) -> None:
        self.storage.live_segments = frozenset(segment.segment_id() for segment in segments)
        super()._commit_toc(segments)


def read_entries(storage: DurableStorage) -> list[SegmentInfo]:
    """The segments of the last commit, as its table of contents lists them."""
    entries: list[SegmentInfo] = TOC.read(storage, INDEX_NAME, schema=schema()).segments
    return entries
