"""Merges the segments of an index in the background, while it is searched and written."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from kb.process_memory import release_memory
from kb.search.engine import IndexBusyError, IndexUnusableError
from kb.search.whoosh_engine.format.segment import DOCUMENTS, INVERTED, Segment
from kb.search.whoosh_engine.store.codec import SegmentInfo, write_files
from kb.search.whoosh_engine.store.folder import IndexFolder
from kb.search.whoosh_engine.store.merging import deletions_since, find_merge, merge, merge_sources
from kb.search.whoosh_engine.store.storage import DurableStorage, private_folder, remove_folder
from kb.search.whoosh_engine.store.writer import INDEX_NAME, Writer, read_entries

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kb.search.whoosh_engine.format.arrays import Array

_WRITE_LOCK_TIMEOUT = 30.0
"""Seconds that a merge waits for the write lock."""


class MergeFailedError(Exception):
    """Segments were not merged; a later attempt may succeed."""


class Merger(IndexFolder):
    """Merges the segments of the index in a folder. It may run in any process, and in several at once."""

    def run(self) -> None:
        """Merge until nothing is left to merge, and remove what killed processes left behind.

        May take a while. Raises MergeFailedError.
        """
        try:
            self._clean_up()
            while self.merge():
                release_memory()
        except (IndexUnusableError, IndexBusyError, OSError) as error:
            raise MergeFailedError(str(error)) from error

    def merge(self) -> bool:
        """Merge segments once, without blocking searches or writes; False if there was nothing to merge.

        The merged segment is written beside the index; the write lock is held only to read the state and to
        commit. One process merges at a time.
        """
        build = self._pointer().build
        lock = FileLock(self._folder / "merge.lock", mode=0o600)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return False
        try:
            for leftover in self._folder.glob("merge-*"):  # of a process that was killed
                remove_folder(leftover)
            return self._merge(build)
        finally:
            lock.release()

    def _merge(self, build: str) -> bool:
        storage, opener = self._storage(build), self._opener(build)
        # A commit may be replacing a file right now. Verified here, so that nothing needs verifying while
        # others wait.
        with suppress(IndexUnusableError):
            self._verify(build, storage, storage.generation())
        with self.writing(timeout=_WRITE_LOCK_TIMEOUT):  # briefly: no commit while the state is read
            self._verify(build, storage, storage.generation())
            chosen = find_merge(read_entries(storage), small=False)
            sources = merge_sources(chosen, opener)
        if not chosen:
            return False
        documents, inverted, numbers = merge(sources)
        merged = SegmentInfo(INDEX_NAME, len(documents["id"]))
        beside = DurableStorage(private_folder(self._folder / f"merge-{secrets.token_hex(8)}"))
        try:
            write_files(beside, merged.segment_id(), documents, inverted)
            with self.writing(timeout=_WRITE_LOCK_TIMEOUT):
                return self._commit(build, beside, chosen, merged, numbers)
        finally:
            remove_folder(Path(beside.folder))

    def _commit(
        self,
        build: str,
        beside: DurableStorage,
        chosen: Sequence[SegmentInfo],
        merged: SegmentInfo,
        numbers: Sequence[Array],
    ) -> bool:
        """Replace the sources of a merge by its result, unless one of them is gone."""
        if self._pointer().build != build:
            return False
        storage = self._storage(build)
        now = {entry.segment_id(): entry for entry in read_entries(storage)}
        if any(entry.segment_id() not in now for entry in chosen):
            return False
        for entry, number in zip(chosen, numbers, strict=True):
            merged.deleted.update(deletions_since(entry.deleted, now[entry.segment_id()].deleted, number))
        storage.adopt(beside, [f"{merged.segment_id()}{suffix}" for suffix in (DOCUMENTS, INVERTED)])
        seq = self._read_seq()
        with Writer(storage, self._opener(build)) as writer:
            writer.replace_segments(chosen, merged)
        if seq is not None:
            self._write_seq(storage, writer.generation, seq)
        return True

    def _opener(self, build: str) -> Callable[[str], Segment]:
        return lambda name: Segment(self._folder / build, name)
