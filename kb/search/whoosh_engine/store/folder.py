"""The folder of an index: one folder for each build, and `CURRENT`, which says which one is in use."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from filelock import FileLock, Timeout

from kb.search.engine import SCHEMA_VERSION, IndexBusyError, IndexUnusableError
from kb.search.whoosh_engine.store.storage import DurableStorage, Verified, private_folder

if TYPE_CHECKING:
    from collections.abc import Iterator


class Pointer(NamedTuple):
    """What `CURRENT` says: which build is in use, of which schema, and from which database it was made."""

    build: str
    schema: int
    database_id: str


class Stamp(NamedTuple):
    """By what a state of the index is known again."""

    build: str
    changed_ns: int


class IndexFolder:
    """What is on the disk, as far as it can be told without opening a segment."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._current_path = str(folder / "CURRENT")
        self._pointed: tuple[tuple[int, int, int], Pointer] | None = None
        self._verified: dict[str, dict[str, Verified]] = {}

    @contextmanager
    def writing(self, *, timeout: float) -> Iterator[None]:
        """Be the only writer meanwhile. Raises IndexBusyError after `timeout` seconds."""
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

    def _pointer(self) -> Pointer:
        """What `CURRENT` says, read again when it has been replaced."""
        try:
            stat = os.stat(self._current_path)  # noqa: PTH116 (on the path of every search)
        except OSError as error:
            raise IndexUnusableError("There is no index yet.") from error
        stamp = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        known = self._pointed
        if known is None or known[0] != stamp:
            known = self._pointed = (stamp, self._read_pointer())
        pointer = known[1]
        if pointer.schema != SCHEMA_VERSION:
            raise IndexUnusableError(
                f"The index has schema {pointer.schema}, and {SCHEMA_VERSION} is wanted."
            )
        return pointer

    def _read_pointer(self) -> Pointer:
        try:
            content = json.loads((self._folder / "CURRENT").read_bytes())
            pointer = Pointer(str(content["build"]), content["schema"], str(content.get("database_id")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexUnusableError("There is no index yet.") from error
        if "/" in pointer.build or "\\" in pointer.build or not (self._folder / pointer.build).is_dir():
            raise IndexUnusableError("The index is gone.")
        return pointer

    def _verify(self, build: str, storage: DurableStorage, generation: int) -> None:
        private_folder(self._folder)
        private_folder(self._folder / build)
        storage.verify(generation, self._verified.setdefault(build, {}))

    def _stamp(self, pointer: Pointer) -> Stamp:
        """What changes with each commit: a commit renames a file into the folder."""
        try:
            changed = os.stat(f"{self._folder}/{pointer.build}").st_mtime_ns  # noqa: PTH116 (on every search)
        except OSError as error:
            raise IndexUnusableError("The index is gone.") from error
        return Stamp(pointer.build, changed)
