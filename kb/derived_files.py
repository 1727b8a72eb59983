"""Derived data, kept in files: what takes seconds to compute from files that seldom change.

Everything in these files can be computed again. A file is used only if it was made from the same inputs by
the same program, and is whole; otherwise it is replaced. It holds plain data (JSON), so reading one runs
nothing.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from kb.durable_files import replace_durably

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_ABANDONED_SECONDS = 60.0
"""The age at which a file that is still being written belongs to a process that was killed."""

_HASH_BYTES = 32

_PLAIN = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS
"""What JSON would turn into something else, such as a date into a text, is not kept."""

_folder: Path | None = None


def keep_in(folder: Path | None) -> None:
    """Keep derived data in a folder from now on, for the whole process; None for nowhere.

    The folder is created when something is written, in a folder that exists.
    """
    global _folder  # noqa: PLW0603
    _folder = folder


def derived(name: str, inputs: Iterable[bytes], derive: Callable[[], Any]) -> Any:
    """Return what `derive` returns, or what it returned before for the same inputs.

    `name` names the file, which contains what was last derived under this name. The data consists of lists,
    dictionaries with texts as keys, texts, numbers, booleans and None; tuples are returned as lists.
    """
    folder = _folder
    if folder is None:
        return derive()
    path = folder / f"{name}.json"
    key = _key(name, inputs)
    with contextlib.suppress(OSError, ValueError):
        return _read(path, key)
    data = derive()
    with contextlib.suppress(OSError, orjson.JSONEncodeError):  # such as a disk that is full or read-only
        _write(path, key, orjson.dumps(data, option=_PLAIN))
    return data


def _key(name: str, inputs: Iterable[bytes]) -> bytes:
    """A hash of the name, of the inputs and of the program."""
    digest = sha256(program_digest())
    for each in (name.encode(), *inputs):
        digest.update(b"%d " % len(each))
        digest.update(each)
    return digest.digest()


@cache
def program_digest() -> bytes:
    """A hash of the program: its modules, the packages beside them, and Python."""
    digest = sha256(sys.version.encode())
    package = Path(__file__).parent
    for path in sorted(package.rglob("*.py")):
        digest.update(sha256(path.read_bytes()).digest())
    for folder in sys.path:
        with contextlib.suppress(OSError):
            names = sorted(os.listdir(folder or "."))  # noqa: PTH208 (a hundred paths take longer)
            for name in names:
                if name.endswith((".dist-info", ".egg-info")):
                    digest.update(name.encode())
    return digest.digest()


def _read(path: Path, key: bytes) -> Any:
    """The data of a file. Raises OSError or ValueError if the file is missing, damaged or has another key."""
    content = memoryview(path.read_bytes())
    found, check, body = (
        content[:_HASH_BYTES],
        content[_HASH_BYTES : 2 * _HASH_BYTES],
        content[2 * _HASH_BYTES :],
    )
    if found != key or check != sha256(body).digest():
        raise ValueError(path)
    return orjson.loads(body)


def _write(path: Path, key: bytes, body: bytes) -> None:
    """Replace a file, unless another process is writing it."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    fresh = path.with_suffix(".new")
    with contextlib.suppress(FileNotFoundError):
        if time.time() - fresh.stat().st_mtime > _ABANDONED_SECONDS:
            fresh.unlink()
    with fresh.open("xb") as file:
        try:
            file.write(b"".join((key, sha256(body).digest(), body)))
            file.flush()
        except OSError:
            fresh.unlink(missing_ok=True)
            raise
    replace_durably(fresh, path)
