"""The open files of this process, which threads of earlier tests may open and close meanwhile."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

_FOLDER = "/proc/self/fd"


def open_files() -> Iterator[str]:
    """The file of each descriptor of this process."""
    for descriptor in os.listdir(_FOLDER):  # noqa: PTH208 (only the numbers)
        with suppress(FileNotFoundError):
            yield open_file(int(descriptor))


def open_file(descriptor: int) -> str:
    """The file of a descriptor: a path, or a name such as `socket:[4026]`."""
    return os.readlink(f"{_FOLDER}/{descriptor}")  # noqa: PTH115 (a socket is no path)
