"""A `SearchEngine` on Whoosh: where its folders are, how it is opened, written and replaced.

The index folder holds one folder for each build of the index, and `CURRENT`, which names the one in use: a
rebuild happens beside it and is swapped in by renaming that file. Searchers are not safe to share between
threads, so that each thread has its own.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from filelock import FileLock, Timeout
from whoosh.index import FileIndex

from kb.search.engine import SCHEMA_VERSION, IndexBusyError, IndexUnusableError, Position
from kb.search.whoosh_engine.schema import MARKER, layout, schema
from kb.search.whoosh_engine.snapshot import Snapshot, answer, read_hebrew
from kb.search.whoosh_engine.storage import (
    DurableStorage,
    Verified,
    private_folder,
    remove_folder,
    write_durably,
)
from kb.search.whoosh_engine.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from kb.search.engine import IndexDocument, ResultPage
    from kb.search.hebrew import Vocabulary
    from kb.search.query import SearchQuery

_Answer = TypeVar("_Answer")

_PAUSE = 0.01
"""Seconds before a second attempt to read."""


class _Pointer(NamedTuple):
    """What `CURRENT` says: which build is in use, of which schema, and from which database it was made."""

    build: str
    schema: int
    source: str


class WhooshEngine:
    """The embedded engine, in one folder that may be deleted at any time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._local = threading.local()
        self._guard = threading.Lock()
        self._verified: dict[str, dict[str, Verified]] = {}
        self._hebrew: tuple[str, int, Vocabulary] | None = None

    def search(self, query: SearchQuery) -> ResultPage:
        return self._reading(lambda snapshot: answer(snapshot, query))

    def check(self) -> None:
        self._reading(lambda _: None)

    def position(self) -> Position:
        source, seq = self._pointer().source, self._noted_seq()
        if seq is None:
            seq = self._reading(lambda snapshot: int(snapshot.searcher.document(marker=MARKER)["seq"]))
        return Position(source, seq)

    @contextmanager
    def writing(self, *, timeout: float) -> Iterator[None]:
        private_folder(self._folder)
        lock = FileLock(self._folder / "write.lock", mode=0o600)
        try:
            lock.acquire(timeout=timeout, poll_interval=0.01)
        except Timeout as error:
            raise IndexBusyError(f"The index was busy for {timeout} seconds.") from error
        try:
            yield
        finally:
            lock.release()

    def apply(self, documents: Iterable[IndexDocument], deletions: Collection[int], seq: int) -> None:
        build = self._pointer().build
        storage = self._storage(build)
        self._verify(build, storage, storage.generation())
        storage.sweep()
        # Whoosh keeps both when one id is updated twice in a commit.
        latest = {document.id: document for document in documents}
        with Writer(storage) as writer:
            for incident_id in deletions:
                writer.delete_by_term("id", incident_id)
            for document in latest.values():
                writer.update_document(**layout(document))
            writer.update_document(marker=MARKER, seq=seq)
        self._note_seq(storage, seq)

    def rebuild(self, source: str, batches: Iterable[tuple[Collection[IndexDocument], int]]) -> None:
        private_folder(self._folder)
        build = f"build-{secrets.token_hex(8)}"
        storage = DurableStorage(private_folder(self._folder / build))
        FileIndex.create(storage, schema(), "MAIN")
        try:
            self._write_batches(storage, batches)
        except BaseException:
            remove_folder(self._folder / build)
            raise
        storage.sweep()
        pointer = _Pointer(build, SCHEMA_VERSION, source)
        write_durably(self._folder / "CURRENT", json.dumps(pointer._asdict()).encode())
        for other in self._folder.glob("build-*"):
            if other.name != build:
                remove_folder(other)

    @staticmethod
    def _write_batches(
        storage: DurableStorage, batches: Iterable[tuple[Collection[IndexDocument], int]]
    ) -> None:
        for documents, seq in batches:
            with Writer(storage) as writer:
                for document in documents:
                    writer.add_document(**layout(document))
                writer.update_document(marker=MARKER, seq=seq)

    def _note_seq(self, storage: DurableStorage, seq: int) -> None:
        """Leave the position where others find it without opening the index. It may be lost at any time."""
        note = f"{storage.generation()} {seq}"
        fresh = Path(storage.folder) / f"POSITION.{secrets.token_hex(4)}"
        fresh.write_text(note, "ascii")
        fresh.replace(Path(storage.folder) / "POSITION")

    def _noted_seq(self) -> int | None:
        """The position that was noted with the last commit; None when the note is of an earlier one."""
        build = self._pointer().build
        try:
            note = (self._folder / build / "POSITION").read_text("ascii")
            generation, seq = map(int, note.split())
        except (OSError, ValueError):
            return None
        return seq if generation == self._storage(build).generation() else None

    def _storage(self, build: str) -> DurableStorage:
        return DurableStorage(self._folder / build)

    def _pointer(self) -> _Pointer:
        try:
            content = json.loads((self._folder / "CURRENT").read_bytes())
            pointer = _Pointer(str(content["build"]), content["schema"], str(content["source"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexUnusableError("There is no index yet.") from error
        if pointer.schema != SCHEMA_VERSION:
            raise IndexUnusableError(
                f"The index has schema {pointer.schema}, and {SCHEMA_VERSION} is wanted."
            )
        if "/" in pointer.build or "\\" in pointer.build or not (self._folder / pointer.build).is_dir():
            raise IndexUnusableError("The index is gone.")
        return pointer

    def _verify(self, build: str, storage: DurableStorage, generation: int) -> None:
        private_folder(self._folder)
        private_folder(self._folder / build)
        storage.verify(generation, self._verified.setdefault(build, {}))

    def _reading(self, work: Callable[[Snapshot], _Answer]) -> _Answer:
        """Do some work on the latest state; once more, where a writer has taken its files away meanwhile.

        Raises IndexUnusableError when one and the same state fails twice: then it is damaged.
        """
        failed: tuple[str, int] | None = None
        while True:
            build = self._pointer().build
            storage = self._storage(build)
            state = (build, storage.generation())
            try:
                return work(self._snapshot(storage, *state))
            # While another process merges, opening fails with any exception.
            except Exception as error:
                self._forget()
                if state == failed:
                    raise IndexUnusableError(f"The index cannot be read: {error!r}") from error
            failed = state
            time.sleep(_PAUSE)

    def _snapshot(self, storage: DurableStorage, build: str, generation: int) -> Snapshot:
        """This thread's snapshot of a state of the index."""
        self._verify(build, storage, generation)
        snapshot: Snapshot | None = getattr(self._local, "snapshot", None)
        if snapshot is not None and (snapshot.build, snapshot.generation) == (build, generation):
            return snapshot
        self._forget()
        searcher = FileIndex(storage, schema(), "MAIN").searcher()
        if searcher.reader().generation() != generation:
            searcher.close()
            raise IndexUnusableError("A newer state was opened than the one that was verified.")
        snapshot = Snapshot(build, generation, searcher, partial(self._shared_hebrew, build, generation))
        self._local.snapshot = snapshot
        return snapshot

    def _forget(self) -> None:
        snapshot: Snapshot | None = getattr(self._local, "snapshot", None)
        self._local.snapshot = None
        if snapshot is not None:
            snapshot.searcher.close()

    def _shared_hebrew(self, build: str, generation: int, searcher: Any) -> Vocabulary:
        """The Hebrew words of a state, read by the first thread of the process that needs them."""
        with self._guard:
            if self._hebrew is None or self._hebrew[:2] != (build, generation):
                self._hebrew = (build, generation, read_hebrew(searcher))
            return self._hebrew[2]
