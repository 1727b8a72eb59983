"""The folder of an index: one subfolder for each build, and `CURRENT`, which names the one in use."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from filelock import FileLock, Timeout

from kb.search.engine import SCHEMA_VERSION, IndexBusyError, IndexUnusableError
from kb.search.whoosh_engine.store.storage import DurableStorage, FileState, private_folder, write_durably

if TYPE_CHECKING:
    from collections.abc import Iterator


class Pointer(NamedTuple):
    """The content of `CURRENT`: the build in use, its schema version, and the database it was made from."""

    build: str
    schema: int
    database_id: str


class Stamp(NamedTuple):
    """Identifies a state of the index on disk; it changes with each commit."""

    build: str
    changed_ns: int


class IndexFolder:
    """The folder of an index: the current build, the write lock and the last `seq`. Opens no segment."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._current_path = str(folder / "CURRENT")
        self._cached_pointer: tuple[tuple[int, int, int], Pointer] | None = None
        self._verified: dict[str, dict[str, FileState]] = {}

    @contextmanager
    def writing(self, *, timeout: float) -> Iterator[None]:
        """Hold the write lock. Raises IndexBusyError after `timeout` seconds."""
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

    def _write_seq(self, storage: DurableStorage, seq: int) -> None:
        """Write the `seq` to a file, to be read without opening the index. The file is expendable."""
        content = f"{storage.generation()} {seq}"
        fresh = Path(storage.folder) / f"POSITION.{secrets.token_hex(4)}"
        fresh.write_text(content, "ascii")
        fresh.replace(Path(storage.folder) / "POSITION")

    def _read_seq(self) -> int | None:
        """The `seq` in the file; None when it is missing or not that of the last commit."""
        build = self._pointer().build
        try:
            content = (self._folder / build / "POSITION").read_text("ascii")
            generation, seq = map(int, content.split())
        except (OSError, ValueError):
            return None
        return seq if generation == self._storage(build).generation() else None

    def _storage(self, build: str) -> DurableStorage:
        return DurableStorage(self._folder / build)

    def _pointer(self) -> Pointer:
        """The content of `CURRENT`, cached until the file is replaced."""
        try:
            stat = os.stat(self._current_path)  # noqa: PTH116 (on the path of every search)
        except OSError as error:
            raise IndexUnusableError("There is no index yet.") from error
        stamp = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        known = self._cached_pointer
        if known is None or known[0] != stamp:
            known = self._cached_pointer = (stamp, self._read_pointer())
        pointer = known[1]
        if pointer.schema != SCHEMA_VERSION:
            raise IndexUnusableError(f"The index has schema {pointer.schema}; {SCHEMA_VERSION} is required.")
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

    def _write_pointer(self, pointer: Pointer) -> None:
        write_durably(self._folder / "CURRENT", json.dumps(pointer._asdict()).encode())

    def _verify(self, build: str, storage: DurableStorage, generation: int) -> None:
        private_folder(self._folder)
        private_folder(self._folder / build)
        storage.verify(generation, self._verified.setdefault(build, {}))

    def _stamp(self, pointer: Pointer) -> Stamp:
        """The stamp of the current state: a commit changes the modification time of the folder."""
        try:
            changed = os.stat(f"{self._folder}/{pointer.build}").st_mtime_ns  # noqa: PTH116 (on every search)
        except OSError as error:
            raise IndexUnusableError("The index is gone.") from error
        return Stamp(pointer.build, changed)
