"""Faults that are injected into a program: a full disk, a wrong clock; and a record of what it writes."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.support.environment import clean_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

_SOURCE = Path(__file__).with_name("faults.c")

_CONTROL = struct.Struct("=qq")
_HEAD = struct.Struct("=4I2Q")

_UNLIMITED = -1


class Operation(NamedTuple):
    """Something that a program did to a file or a folder.

    `kind` is `created`, `folder` (one was made), `written`, `truncated`, `synced`, `renamed`, `removed` or
    `linked` (it got a second name). `offset` is where `data` was written; `length` is that of a file that was
    truncated.
    """

    kind: str
    path: str
    target: str
    offset: int
    length: int
    data: bytes


_KINDS = {
    "c": "created",
    "m": "folder",
    "w": "written",
    "t": "truncated",
    "s": "synced",
    "r": "renamed",
    "l": "linked",
    "u": "removed",
}


class FaultControl:
    """Switches faults on and off while programs run, by a file that they have mapped."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._clock = 0

    def fill_disk(self, writes: int = 0) -> None:
        """Let the disk be full after some more writes."""
        # Not by replacing the file: the programs have mapped it.
        with self.path.open("r+b" if self.path.exists() else "w+b") as file:
            file.write(_CONTROL.pack(writes, self._clock))

    def free_disk(self) -> None:
        """Let there be room again."""
        self.fill_disk(_UNLIMITED)

    def writes_left(self) -> int:
        """How many more writes there is room for."""
        writes: int = _CONTROL.unpack(self.path.read_bytes())[0]
        return writes

    def set_clock(self, seconds: int) -> None:
        """Let the clock be wrong by some seconds, on a disk with room."""
        self._clock = seconds
        self.free_disk()


class Faults:
    """What fails for the programs that run in `environment`, as far as they work below the folder `root`.

    Skips the test where no C compiler is installed.
    """

    def __init__(self, folder: Path, root: Path) -> None:
        compiler = shutil.which("cc")
        if compiler is None:
            pytest.skip("needs a C compiler")
        library, control, self._log = folder / "faults.so", folder / "faults", folder / "operations"
        flags = ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror"]
        subprocess.run([compiler, *flags, "-o", library, _SOURCE, "-ldl", "-lpthread"], check=True)
        self.control = FaultControl(control)
        self.control.free_disk()
        self.settings = {
            "LD_PRELOAD": str(library),
            "KB_FAULTS_ROOT": str(root.resolve()),
            "KB_FAULTS_CONTROL": str(control),
        }
        self.environment = clean_environment(**self.settings)
        self.recording = {**self.environment, "KB_FAULTS_LOG": str(self._log)}

    def share_with_everybody(self) -> None:
        """Let programs of other users be recorded, too."""
        for path in (self._log, self.control.path):
            path.touch()
            path.chmod(0o666)

    def operations(self) -> Iterator[Operation]:
        """What the programs that ran with the environment `recording` did, in order."""
        with self._log.open("rb") as file:
            while head := file.read(_HEAD.size):
                kind, path_length, target_length, _, offset, length = _HEAD.unpack(head)
                path = file.read(path_length).decode()
                target = file.read(target_length).decode()
                name = _KINDS[chr(kind)]
                data = file.read(length) if name == "written" else b""
                yield Operation(name, path, target, offset, length, data)
