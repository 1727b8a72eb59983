"""Whoosh's file storage, made durable and tamper-evident.

On its own, Whoosh never calls fsync, unpickles whatever it finds, and does not detect damage. Here each file
is fsynced when it is closed; a commit writes a manifest with the SHA-256 of each of its files, then renames
its table of contents; and no file is opened until it has been verified against the manifest.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile

from kb.durable_files import replace_durably, sync
from kb.search.engine import IndexUnusableError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_TOC = re.compile(r"_MAIN_(\d+)\.toc")
_STALE = re.compile(r"_MAIN_\d+\.toc\.[\d.]+|MAIN\.tmp|POSITION\..+")


def manifest_name(generation: int | str) -> str:
    """The name of the file that lists the files of a generation with their digests."""
    return f"MANIFEST_{generation}.json"


def toc_name(generation: int) -> str:
    """The name of the table of contents of a generation: the only one, or the next to be removed."""
    return f"_MAIN_{generation}.toc"


class FileState(NamedTuple):
    """The state of a file when its content was verified: digest, size and modification time."""

    digest: str
    size: int
    modified_ns: int


class DurableStorage(FileStorage):
    """A folder with one Whoosh index that survives a power cut and detects damage."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self._path = folder
        self._digests: dict[str, str] = {}
        self.live_segments: frozenset[str] = frozenset()
        """The segments of the next commit. Its manifest lists only their files."""

    def create_file(self, name: str, mode: str = "w+b", **_: Any) -> StructFile:
        """Create a file. When it is closed, it is fsynced and its digest is recorded."""
        return StructFile(self._create(name, mode), name=name, onclose=self._seal)

    def write_file(self, name: str, chunks: Iterable[bytes | memoryview]) -> None:
        """Write a file, fsync it, and record its digest."""
        digest = hashlib.sha256()
        with self._create(name, "wb") as file:
            for chunk in chunks:
                file.write(chunk)
                digest.update(chunk)
            file.flush()
            os.fsync(file.fileno())
        self._digests[name] = digest.hexdigest()

    def _create(self, name: str, mode: str) -> IO[bytes]:
        # An existing file belongs to a commit, and is never overwritten.
        flags = os.O_CREAT | os.O_RDWR | os.O_EXCL | getattr(os, "O_BINARY", 0)
        return os.fdopen(os.open(self._path / name, flags, 0o600), mode)

    def adopt(self, other: DurableStorage, names: Iterable[str]) -> None:
        """Move files here from another storage, as part of the next commit."""
        for name in names:
            (other._path / name).replace(self._path / name)
            self._digests[name] = other._digests[name]

    def _seal(self, file: StructFile) -> None:
        file.flush()
        os.fsync(file.fileno())
        name = str(file)
        self._digests[name] = _digest(self._path / name)

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:  # noqa: ARG002
        """Rename a file durably. Renaming a table of contents is the commit."""
        toc = _TOC.fullmatch(newname)
        if toc:
            self._digests[newname] = self._digests.pop(oldname)
            self._write_manifest(toc[1], newname)
        (self._path / oldname).replace(self._path / newname)
        sync(self._path)

    def _write_manifest(self, generation: str, toc: str) -> None:
        previous = self._previous_digests(int(generation) - 1)
        manifest = {
            name: digest
            for name, digest in {**previous, **self._digests}.items()
            if name.partition(".")[0] in self.live_segments
        }
        manifest[toc] = self._digests[toc]
        content = json.dumps(manifest, indent=0).encode()
        write_durably(self._path / manifest_name(generation), content)

    def _previous_digests(self, generation: int) -> dict[str, str]:
        try:
            return self._read_manifest(generation)
        except IndexUnusableError:
            return {}

    def _read_manifest(self, generation: int) -> dict[str, str]:
        try:
            manifest: dict[str, str] = json.loads((self._path / manifest_name(generation)).read_bytes())
        except (OSError, ValueError) as error:
            raise IndexUnusableError(f"The manifest of generation {generation} cannot be read.") from error
        return manifest

    def generation(self) -> int:
        """The generation of the last commit. Raises IndexUnusableError if there is none."""
        try:
            names = self.list()
        except OSError as error:
            raise IndexUnusableError("The index is gone.") from error
        generations = [int(match[1]) for name in names if (match := _TOC.fullmatch(name))]
        if not generations:
            raise IndexUnusableError(f"There is no index in {self._path}.")
        return max(generations)

    def verify(self, generation: int, known: dict[str, FileState]) -> None:
        """Compare each file of a generation with its digest, unless its known state is unchanged.

        `known` is updated. The manifest, which has no digest, is recorded with its state before it was read.
        Raises IndexUnusableError if a file is missing or modified, or the manifest is incomplete.
        """
        state = self._state(manifest_name(generation), "")
        manifest = self._read_manifest(generation)
        if toc_name(generation) not in manifest:
            raise IndexUnusableError("The manifest does not list the table of contents.")
        states = {manifest_name(generation): state}
        for name, digest in manifest.items():
            states[name] = state = self._state(name, digest)
            try:
                if known.get(name) != state and _digest(self._path / name) != digest:
                    raise IndexUnusableError(f"{name} has been modified: the index is damaged.")
            except OSError as error:
                raise IndexUnusableError(f"{name} is missing from the index.") from error
        known.update(states)
        for name in known.keys() - states.keys():
            known.pop(name, None)

    def _state(self, name: str, digest: str) -> FileState:
        """The current state of a file with this digest. Raises IndexUnusableError if it is missing."""
        try:
            stat = os.stat(f"{self._path}/{name}")  # noqa: PTH116 (of each file, twice a commit)
        except OSError as error:
            raise IndexUnusableError(f"{name} is missing from the index.") from error
        return FileState(digest, stat.st_size, stat.st_mtime_ns)

    def remove_stale_files(self) -> None:
        """Remove leftovers of killed writers and earlier commits. Requires the write lock."""
        keep = self.generation()
        for name in self.list():
            path = self._path / name
            manifest = re.fullmatch(r"MANIFEST_(\d+)\.json(\.new)?", name)
            if (manifest and int(manifest[1]) != keep) or (_STALE.fullmatch(name) and path.is_file()):
                path.unlink(missing_ok=True)
            elif path.is_dir():
                remove_folder(path)


def private_folder(path: Path) -> Path:
    """Create a folder that only its owner can read, and return it.

    Raises IndexUnusableError if it belongs to another user, because an index contains pickles, and unpickling
    can run code.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)  # `mode` applies to the last folder only
    path.mkdir(exist_ok=True, mode=0o700)
    if hasattr(os, "getuid"):
        stat = path.stat()
        if stat.st_uid != os.getuid():
            raise IndexUnusableError(f"{path} belongs to another user. Remove it, or choose another folder.")
        if stat.st_mode & 0o077:
            path.chmod(0o700)
    return path


def write_durably(path: Path, content: bytes) -> None:
    """Replace the content of a file, so that the old or the new one exists even after a power cut."""
    new = path.with_name(path.name + ".new")
    new.write_bytes(content)
    replace_durably(new, path)


def remove_folder(path: Path) -> None:
    """Remove a folder and its content. An interrupted removal can be repeated."""
    with contextlib.suppress(FileNotFoundError):
        for entry in path.iterdir():
            if entry.is_dir():
                remove_folder(entry)
            else:
                entry.unlink(missing_ok=True)
        path.rmdir()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
