"""A disk that loses its power: what is on it for certain, and what may or may not have reached it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from tests.support.faults import Operation

_SECTOR = 512
"""Bytes that a disk writes as one."""


@dataclass(eq=False)
class _File:
    """A file: what fsync has brought to the disk, and what was written since."""

    synced: bytearray = field(default_factory=bytearray)
    pending: list[Operation] = field(default_factory=list)

    def sync(self) -> None:
        for operation in self.pending:
            _change(self.synced, operation)
        self.pending.clear()

    def after_cut(self, random: Random) -> bytes:
        """What was synced, and any part of the rest: writes reach a disk in any order, sector by sector."""
        content = bytearray(self.synced)
        for operation in self.pending:
            fate = random.choice(["lost", "whole", "torn"])
            if fate == "torn" and operation.kind == "written":
                _change(content, operation, random.randrange(0, operation.length + 1, _SECTOR))
            elif fate != "lost":
                _change(content, operation)
        return bytes(content)


def _change(content: bytearray, operation: Operation, length: int | None = None) -> None:
    end = operation.length if operation.kind == "truncated" else operation.offset
    content.extend(bytes(max(0, end - len(content))))
    if operation.kind == "truncated":
        del content[end:]
    else:
        data = operation.data[:length]
        content[end : end + len(data)] = data


_Entry = _File | None
"""What a name stands for: a file, or a folder (None)."""


@dataclass
class _Naming:
    """A change of names that may not have reached the disk, and the folders that it is written to."""

    added: dict[str, _Entry]
    removed: list[str]

    def folders(self) -> set[str]:
        return {name.rpartition("/")[0] for name in [*self.added, *self.removed]}

    def apply(self, names: dict[str, _Entry]) -> None:
        for name in self.removed:
            names.pop(name, None)
        names.update(self.added)


class Disk:
    """The disk below `root` as the operations of a program change it, beginning with a copy of it, `before`.

    A write is on the disk once its file is synced; a new, renamed or removed name once its folder is. What
    is not may get lost, changes of names from the last one backwards, as by a file system with a journal.
    """

    def __init__(self, root: Path, before: Path) -> None:
        self._root = root.resolve()
        self._synced: dict[str, _Entry] = {
            str(self._root / path.relative_to(before)): _File(bytearray(path.read_bytes()))
            if path.is_file()
            else None
            for path in before.rglob("*")
        }
        self._names = dict(self._synced)
        self._namings: list[_Naming] = []

    def apply(self, operation: Operation) -> None:
        """Do what a program did."""
        path = operation.path
        if operation.kind == "synced":
            self._sync(path)
        elif operation.kind in ("written", "truncated"):
            if (file := self._names.get(path)) is not None:
                file.pending.append(operation)
        elif operation.kind == "renamed":
            self._rename(_Naming({operation.target: self._names[path]}, [path]))
        elif operation.kind == "linked":
            self._rename(_Naming({operation.target: self._names[path]}, []))
        elif operation.kind == "removed":
            self._rename(_Naming({}, [path]))
        else:
            self._rename(_Naming({path: _File() if operation.kind == "created" else None}, []))

    def _rename(self, naming: _Naming) -> None:
        naming.apply(self._names)
        self._namings.append(naming)

    def _sync(self, path: str) -> None:
        if (file := self._names.get(path)) is not None:
            file.sync()
            return
        for naming in self._namings:
            if path in naming.folders():
                naming.apply(self._synced)
        self._namings = [naming for naming in self._namings if path not in naming.folders()]

    def unsynced(self) -> list[Path]:
        """The files of which something would get lost now."""
        return [Path(name) for name, entry in self._names.items() if entry is not None and entry.pending]

    def content(self, path: Path) -> bytes:
        """The content of a file before the power is lost."""
        entry = self._names.get(str(path))
        content = bytearray(entry.synced if entry is not None else b"")
        for operation in entry.pending if entry is not None else ():
            _change(content, operation)
        return bytes(content)

    def cut_power(self, random: Random, folder: Path) -> None:
        """Write to a new folder what is left after a power cut."""
        names = dict(self._synced)
        for naming in self._namings[: random.randint(0, len(self._namings))]:
            naming.apply(names)
        folder.mkdir(mode=0o700)
        for name in sorted(names):
            entry = names[name]
            path = folder / Path(name).relative_to(self._root)
            if not path.parent.is_dir():
                continue
            if entry is None:
                path.mkdir(mode=0o700)
            else:
                path.write_bytes(entry.after_cut(random))
                path.chmod(0o600)
