"""How the index is written: Whoosh keeps the table of contents and commits, the segments are ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from whoosh.index import FileIndex
from whoosh.writing import SegmentWriter

from kb.search.whoosh_engine.format.layout import MARKER_ID, SegmentBuilder
from kb.search.whoosh_engine.store.codec import Codec, SegmentEntry, write_files, write_segment
from kb.search.whoosh_engine.store.merging import Source, choose, merge
from kb.search.whoosh_engine.store.schema import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from kb.search.engine import IndexDocument
    from kb.search.whoosh_engine.format.segment import Segment
    from kb.search.whoosh_engine.store.storage import DurableStorage

    Open = Callable[[str], Segment]

INDEX = "MAIN"


class Writer(SegmentWriter):
    """A writer that commits at the end of its `with` block, or cancels on an error.

    `open_segment` opens a segment by its name.
    """

    def __init__(self, storage: DurableStorage, open_segment: Open) -> None:
        super().__init__(FileIndex(storage, schema(), INDEX), codec=Codec(), compound=False)
        self.segments: list[SegmentEntry] = self.segments  # as the table of contents lists them
        self._open = open_segment
        self._builder = SegmentBuilder()

    def __len__(self) -> int:
        """How many documents wait for the commit."""
        return len(self._builder)

    def put(self, document: IndexDocument) -> None:
        """Add an incident that is not in the index."""
        self._builder.add(document)

    def put_marker(self, seq: int) -> None:
        """Move the index to a position."""
        self.remove({MARKER_ID})
        self._builder.add_marker(seq)

    def remove(self, ids: Collection[int]) -> None:
        """Delete those of these incidents that are in the index."""
        wanted = np.array(sorted(ids), np.int64)
        for entry in self.segments:
            found = np.flatnonzero(np.isin(self._open(entry.segment_id()).ids, wanted))
            entry.deleted.update(found.tolist())

    def replace(self, sources: Sequence[SegmentEntry], merged: SegmentEntry) -> None:
        """Put a segment in the place of those that it was made of."""
        gone = {entry.segment_id() for entry in sources}
        self.segments = [entry for entry in self.segments if entry.segment_id() not in gone]
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

    def _merge_small(self, entries: list[SegmentEntry]) -> list[SegmentEntry]:
        while chosen := choose(entries, small=True):
            sources = [Source(self._open(entry.segment_id()), frozenset(entry.deleted)) for entry in chosen]
            documents, inverted, _ = merge(sources)
            merged = SegmentEntry(INDEX, len(documents["id"]))
            write_files(self.storage, merged.segment_id(), documents, inverted)
            entries = [*(entry for entry in entries if entry not in chosen), merged]
        return entries

    def _commit_toc(self, segments: list[Any]) -> None:
        self.storage.live_segments = frozenset(segment.segment_id() for segment in segments)
        super()._commit_toc(segments)
