"""The folder of an index: a subfolder for each build, and `CURRENT`, which names the build in use.

A complete build contains a copy of its `CURRENT`, from which a lost `CURRENT` can be restored.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from filelock import Timeout

from kb.file_locks import file_lock
from kb.search.engine import SCHEMA_VERSION, IndexBusyError, IndexUnusableError
from kb.search.whoosh_engine.store.storage import (
    DurableStorage,
    FileState,
    private_folder,
    remove_folder,
    toc_name,
    write_durably,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


_BUILD_POINTER = "BUILD"
"""The copy of `CURRENT` in the folder of a complete build."""


class Pointer(NamedTuple):
    """The content of `CURRENT`: the build in use, its schema version, and what it was made from.

    `concepts` is the digest of the concepts that incidents were indexed with; empty if unknown.
    """

    build: str
    schema: int
    database_id: str
    concepts: str = ""

    def encoded(self) -> bytes:
        """The content of the file, with a digest that reveals damage."""
        fields = self._asdict()
        return json.dumps({**fields, "digest": _digest(fields)}).encode()

    @classmethod
    def read(cls, path: Path) -> Pointer:
        """Read a file. Raises IndexUnusableError if it is missing or damaged."""
        try:
            content = json.loads(path.read_bytes())
            digest = content.pop("digest", None)  # older versions did not write one
            pointer = cls(**content)
        except (OSError, ValueError, AttributeError, TypeError) as error:
            raise IndexUnusableError("There is no index yet.") from error
        if digest not in (None, _digest(content)):
            raise IndexUnusableError(f"{path.name} has been modified: the index is damaged.")
        return pointer


def _digest(fields: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()


class Stamp(NamedTuple):
    """Identifies a state of the index on disk. It changes with each commit."""

    build: str
    changed_ns: int


class IndexFolder:
    """The folder of an index: the current build, the write lock and the last `seq`. Opens no segment."""

    def __init__(self, folder: Path, verified: Mapping[str, Mapping[str, FileState]] | None = None) -> None:
        """`verified` are the files of each build that need not be verified again unless they change."""
        self._folder = folder
        self._current_path = str(folder / "CURRENT")
        self._cached_pointer: tuple[tuple[int, int, int], Pointer] | None = None
        self._verified = {build: {**files} for build, files in (verified or {}).items()}
        self._copies: dict[str, tuple[int, int] | None] = {}

    @contextmanager
    def writing(self, *, timeout: float) -> Iterator[None]:
        """Hold the write lock. Raises IndexBusyError after `timeout` seconds."""
        private_folder(self._folder)
        lock = file_lock(f"{self._folder}/write.lock", timeout=timeout)
        with ExitStack() as locked:
            try:
                locked.enter_context(lock)
            except Timeout as error:
                raise IndexBusyError(f"The index was busy for {timeout} seconds.") from error
            yield

    def _write_seq(self, storage: DurableStorage, generation: int, seq: int) -> None:
        """Write the `seq` to an expendable file, from which it is read without opening the index."""
        content = f"{generation} {seq}"
        fresh = Path(storage.folder) / f"POSITION.{secrets.token_hex(4)}"
        fresh.write_text(content, "ascii")
        fresh.replace(Path(storage.folder) / "POSITION")

    def _read_seq(self) -> int | None:
        """The `seq` in the file; None if the file is missing or not of the last commit."""
        build = f"{self._folder}/{self._pointer().build}"
        try:
            # Several times a write: a Path would cost more, and so would listing the folder.
            with open(f"{build}/POSITION", "rb", buffering=0) as file:  # noqa: PTH123
                generation, seq = map(int, file.read().split())
            os.stat(f"{build}/{toc_name(generation)}")  # noqa: PTH116
        except (OSError, ValueError):
            return None
        return None if os.path.exists(f"{build}/{toc_name(generation + 1)}") else seq  # noqa: PTH110

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
        pointer = Pointer.read(self._folder / "CURRENT")
        if not any(folder.name == pointer.build for folder in self._builds()):
            raise IndexUnusableError("The index is gone.")
        return pointer

    def _builds(self) -> list[Path]:
        """The folders of all builds, including incomplete ones."""
        return [path for path in self._folder.glob("build-*") if path.is_dir()]

    def _use_build(self, pointer: Pointer) -> None:
        """Switch searches to a complete build. Requires the write lock."""
        self._write_copy(pointer)
        write_durably(self._folder / "CURRENT", pointer.encoded())

    def _write_copy(self, pointer: Pointer) -> None:
        if not self._is_complete(pointer):
            write_durably(self._folder / pointer.build / _BUILD_POINTER, pointer.encoded())

    def _restore_copy(self, pointer: Pointer) -> None:
        """Restore a lost or damaged `BUILD`, unless a writer is active, which may be replacing `CURRENT`.

        Without it, the index would have to be rebuilt if `CURRENT` were lost as well.
        """
        if self._copies.get(pointer.build) is not None and self._has_same_copy(pointer.build):
            return  # as it was for an earlier snapshot
        if not self._is_complete(pointer):
            # A read-only folder can still be searched.
            with suppress(IndexBusyError, IndexUnusableError, OSError), self.writing(timeout=0):
                if self._pointer() == pointer:
                    self._write_copy(pointer)
        self._copies[pointer.build] = self._copy_state(pointer.build)

    def _has_same_copy(self, build: str) -> bool:
        """Whether `BUILD` is unchanged since it was last checked."""
        return build not in self._copies or self._copies[build] == self._copy_state(build)

    def _copy_state(self, build: str) -> tuple[int, int] | None:
        try:
            stat = os.stat(f"{self._folder}/{build}/{_BUILD_POINTER}")  # noqa: PTH116 (on every search)
        except OSError:
            return None
        return stat.st_size, stat.st_mtime_ns

    def recover(self, database_id: str) -> bool:
        """Reuse the only complete build if `CURRENT` was lost; False if this database has none."""
        complete = [folder for folder in self._builds() if (folder / _BUILD_POINTER).exists()]
        # If there are several, one may miss changes that are not in the change feed, such as renamed terms.
        if len(complete) != 1:
            return False
        try:
            pointer = Pointer.read(complete[0] / _BUILD_POINTER)
        except IndexUnusableError:
            return False
        if pointer[:3] != (complete[0].name, SCHEMA_VERSION, database_id) or self._is_current(pointer):
            return False
        self._use_build(pointer)
        return True

    def _is_current(self, pointer: Pointer) -> bool:
        try:
            return self._pointer() == pointer
        except IndexUnusableError:
            return False

    def _clean_up(self) -> None:
        """Remove unused builds, such as those left by killed processes, and restore a lost `BUILD`.

        Does nothing while the write lock is held, because its holder may be building.
        """
        pointer = self._pointer()
        if len(self._builds()) == 1 and self._is_complete(pointer):
            return
        with suppress(IndexBusyError), self.writing(timeout=0):
            pointer = self._pointer()
            if not self._is_complete(pointer):
                self._use_build(pointer)
            self._remove_builds_except(pointer.build)

    def _is_complete(self, pointer: Pointer) -> bool:
        try:
            return Pointer.read(self._folder / pointer.build / _BUILD_POINTER) == pointer
        except IndexUnusableError:
            return False

    def _remove_builds_except(self, build: str) -> None:
        for folder in self._builds():
            if folder.name != build:
                remove_folder(folder)

    def _verify(self, build: str, storage: DurableStorage, generation: int) -> None:
        private_folder(self._folder)
        private_folder(self._folder / build)
        storage.verify(generation, self._verified.setdefault(build, {}))

    def _stamp(self, pointer: Pointer) -> Stamp:
        """The stamp of the current state. A commit changes the modification time of the folder."""
        try:
            changed = os.stat(f"{self._folder}/{pointer.build}").st_mtime_ns  # noqa: PTH116 (on every search)
        except OSError as error:
            raise IndexUnusableError("The index is gone.") from error
        return Stamp(pointer.build, changed)
