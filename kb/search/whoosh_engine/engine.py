"""An `EmbeddedSearchEngine` based on Whoosh: opens, writes and replaces its index.

The index folder holds a subfolder for each build, and a file `CURRENT` that names the build in use. A rebuild
is written to a new subfolder and swapped in by replacing that file. All threads of a process share one
snapshot of the latest commit; each search checks whether there is a newer commit or a modified file.
"""

from __future__ import annotations

import logging
import os
import secrets
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from whoosh.index import TOC, FileIndex

from kb.search.engine import SCHEMA_VERSION, IndexUnusableError, Position
from kb.search.lexicon import EMPTY_LEXICON
from kb.search.whoosh_engine.format.segment import Segment
from kb.search.whoosh_engine.querying import searcher
from kb.search.whoosh_engine.querying.near_duplicates import near_duplicates
from kb.search.whoosh_engine.querying.precedents import find_precedents
from kb.search.whoosh_engine.querying.similar import similar
from kb.search.whoosh_engine.querying.snapshot import Snapshot
from kb.search.whoosh_engine.querying.word_forms import word_forms
from kb.search.whoosh_engine.store.folder import IndexFolder, Pointer, Stamp
from kb.search.whoosh_engine.store.merger import MergeFailedError, Merger
from kb.search.whoosh_engine.store.merging import find_merge
from kb.search.whoosh_engine.store.schema import schema
from kb.search.whoosh_engine.store.storage import (
    DurableStorage,
    private_folder,
    remove_folder,
    toc_name,
)
from kb.search.whoosh_engine.store.writer import INDEX_NAME, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Sequence

    from kb.search.engine import IndexDocument, Likeness, PrecedentQuery, ResultPage, WordForms
    from kb.search.lexicon import LexiconFiles
    from kb.search.query import SearchQuery

_Result = TypeVar("_Result")

log = logging.getLogger(__name__)

_RETRY_SECONDS = 0.01
"""The pause before a retry."""

_REBUILD_SEGMENT_DOCS = 10_000
"""The segment size of a rebuild, in documents."""


class WhooshEngine(IndexFolder):
    """The embedded engine. Its folder may be deleted at any time; the index is then rebuilt."""

    def __init__(self, folder: Path, lexicon: LexiconFiles | None = None) -> None:
        super().__init__(folder)
        self._lexicon = lexicon
        self._snapshot_lock = threading.Lock()
        self._open_segments: dict[str, Segment] = {}
        self._current: tuple[Stamp, Snapshot] | None = None
        self._merge_running = threading.Lock()

    def state(self) -> Hashable:
        return self._stamp(self._pointer()), self._lexicon.current() if self._lexicon else None

    def search(self, query: SearchQuery) -> ResultPage:
        lexicon = self._lexicon.current() if self._lexicon else None
        return self._with_snapshot(lambda snapshot: searcher.search(snapshot, query, lexicon))

    def similar(self, incident_id: int | None, likeness: Likeness, query: SearchQuery) -> ResultPage:
        return self._with_snapshot(lambda snapshot: similar(snapshot, incident_id, likeness, query))

    def near_duplicates(
        self, incident_id: int | None, texts: Iterable[tuple[str, str]], query: SearchQuery
    ) -> ResultPage:
        pairs = tuple(texts)
        lexicon = (self._lexicon.current() if self._lexicon else None) or EMPTY_LEXICON
        return self._with_snapshot(
            lambda snapshot: near_duplicates(snapshot, incident_id, pairs, query, lexicon)
        )

    def precedents(self, draft: PrecedentQuery, query: SearchQuery) -> ResultPage:
        return self._with_snapshot(lambda snapshot: find_precedents(snapshot, draft, query))

    def word_forms(
        self, words: Iterable[str], incidents: Iterable[int], audiences: frozenset[str] | None
    ) -> WordForms:
        return self._with_snapshot(lambda snapshot: word_forms(snapshot, words, incidents, audiences))

    def suggest(self, words: Sequence[str], query: SearchQuery) -> ResultPage:
        return self._with_snapshot(lambda snapshot: searcher.suggest(snapshot, words, query))

    def digests(self) -> dict[int, int]:
        return self._with_snapshot(lambda snapshot: snapshot.digests())

    def status(self) -> dict[str, Any]:
        return self._with_snapshot(self._status)

    def _status(self, snapshot: Snapshot) -> dict[str, Any]:
        files = [path for path in (self._folder / snapshot.build).iterdir() if path.is_file()]
        return {
            "documents": int(snapshot.live_docs.sum()),
            "segments": len(snapshot.segments),
            "bytes": sum(path.stat().st_size for path in files),
            "languages": sorted(snapshot.languages),
            "seq": snapshot.position.seq,
            "schema": SCHEMA_VERSION,
        }

    def check(self) -> None:
        self._with_snapshot(lambda _: None)

    def position(self) -> Position:
        database_id, seq = self._pointer().database_id, self._read_seq()
        if seq is None:
            seq = self._with_snapshot(lambda snapshot: snapshot.position.seq)
        return Position(database_id, seq)

    def concepts_digest(self) -> str:
        return self._pointer().concepts

    def apply(self, documents: Iterable[IndexDocument], deletions: Collection[int], seq: int) -> None:
        build = self._pointer().build
        storage = self._storage(build)
        self._verify(build, storage, storage.generation())
        storage.remove_stale_files()
        # Without this, an id that occurs twice in a commit would become two documents.
        latest = {document.id: document for document in documents}
        with Writer(storage, self._opener(build)) as writer:
            writer.delete({*deletions, *latest})
            for document in latest.values():
                writer.add(document)
            writer.set_seq(seq)
        self._write_seq(storage, writer.generation, seq)
        if find_merge(writer.segments, small=False):
            self._merge_in_background()

    def rebuild(
        self,
        database_id: str,
        batches: Iterable[tuple[Collection[IndexDocument], int]],
        concepts_digest: str = "",
    ) -> None:
        private_folder(self._folder)
        build = f"build-{secrets.token_hex(8)}"
        storage = DurableStorage(private_folder(self._folder / build))
        FileIndex.create(storage, schema(), INDEX_NAME)
        try:
            self._write_batches(storage, batches)
        except BaseException:
            remove_folder(self._folder / build)
            raise
        storage.remove_stale_files()
        self._use_build(Pointer(build, SCHEMA_VERSION, database_id, concepts_digest))
        self._remove_builds_except(build)
        self._open_segments.clear()

    def _write_batches(
        self, storage: DurableStorage, batches: Iterable[tuple[Collection[IndexDocument], int]]
    ) -> None:
        """Write large segments, whatever the size of the batches."""
        opener = self._opener(Path(storage.folder).name)
        batch, done = iter(batches), False
        while not done:
            with Writer(storage, opener) as writer:
                done, reached = True, None
                for documents, seq in batch:
                    reached = seq
                    for document in documents:
                        writer.add(document)
                    if len(writer) >= _REBUILD_SEGMENT_DOCS:
                        done = False
                        break
                if reached is not None:
                    writer.set_seq(reached)

    def _opener(self, build: str) -> Callable[[str], Segment]:
        def open_segment(name: str) -> Segment:
            segment = self._open_segments.get(name)
            if segment is None:
                segment = self._open_segments[name] = Segment(self._folder / build, name)
            return segment

        return open_segment

    def _with_snapshot(self, read: Callable[[Snapshot], _Result]) -> _Result:
        """Read from the latest snapshot, and retry if a writer has removed its files in the meantime.

        Raises IndexUnusableError if the same state fails twice, because it is damaged.
        """
        failed: Stamp | None = None
        while True:
            pointer = self._pointer()
            stamp = self._stamp(pointer)
            snapshot = None
            try:
                snapshot = self._snapshot(pointer, stamp)
                return read(snapshot)
            # While another process commits, opening may fail with any exception.
            except Exception as error:
                if snapshot is not None and self._is_unmodified(snapshot):
                    raise  # the index is intact: the error is a bug
                self._forget_current()
                if stamp == failed:
                    raise IndexUnusableError(f"The index cannot be read: {error!r}") from error
            failed = stamp
            time.sleep(_RETRY_SECONDS)

    def _snapshot(self, pointer: Pointer, stamp: Stamp) -> Snapshot:
        """The snapshot of a state, shared by all threads of the process."""
        current = self._current
        if current is not None and current[0] == stamp and self._is_unmodified(current[1]):
            return current[1]
        with self._snapshot_lock:
            current = self._current
            if current is not None and self._is_latest(current[1], pointer):
                # A commit changes the folder several times, and only then its generation.
                self._current = (stamp, current[1])
                return current[1]
            snapshot = self._open(pointer)
            # Otherwise a commit in between would be mistaken for this state.
            if self._stamp(pointer) == stamp:
                self._current = (stamp, snapshot)
                if current is not None:
                    current[1].retire()
            else:
                snapshot.retire()  # no other search will use it
            return snapshot

    def _forget_current(self) -> None:
        current, self._current = self._current, None
        if current is not None:
            current[1].retire()

    def _open(self, pointer: Pointer) -> Snapshot:
        self._restore_copy(pointer)
        storage = self._storage(pointer.build)
        generation = storage.generation()
        self._verify(pointer.build, storage, generation)
        entries = TOC.read(storage, INDEX_NAME, gen=generation, schema=schema()).segments
        names = [entry.segment_id() for entry in entries]
        opener = self._opener(pointer.build)
        segments = [opener(name) for name in names]
        for name in self._open_segments.keys() - set(names):
            self._open_segments.pop(name, None)
        deletions = [entry.deleted for entry in entries]
        return Snapshot(pointer.build, generation, pointer.database_id, segments, deletions)

    def _is_latest(self, snapshot: Snapshot, pointer: Pointer) -> bool:
        """Whether a snapshot is of the last commit, and its files are unmodified."""
        if (snapshot.build, snapshot.position.database_id) != (pointer.build, pointer.database_id):
            return False
        following = f"{self._folder}/{snapshot.build}/{toc_name(snapshot.generation + 1)}"
        return self._is_unmodified(snapshot) and not os.path.exists(following)  # noqa: PTH110

    def _is_unmodified(self, snapshot: Snapshot) -> bool:
        """Whether the files of a snapshot are unmodified since they were verified."""
        if not self._has_same_copy(snapshot.build):
            return False
        verified = self._verified.get(snapshot.build, {})
        for path, name in snapshot.files(self._folder):
            known = verified.get(name)
            try:
                stat = os.stat(path)  # noqa: PTH116 (on the path of every search: a Path would cost more)
            except OSError:
                return False
            if known is None or (stat.st_size, stat.st_mtime_ns) != known[1:]:
                return False
        return True

    def close(self) -> None:
        with self._snapshot_lock:
            self._forget_current()
            self._open_segments.clear()

    def optimize(self) -> None:
        try:
            Merger(self._folder, self._verified).run()
        except MergeFailedError as error:
            log.warning("Segments were not merged; a later write will try again: %s", error)

    def _merge_in_background(self) -> None:
        def work() -> None:
            try:
                self.optimize()
            finally:
                self._merge_running.release()

        if self._merge_running.acquire(blocking=False):
            threading.Thread(target=work, name="merge-index", daemon=True).start()
