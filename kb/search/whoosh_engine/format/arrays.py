"""A file of named arrays that many threads can read concurrently.

Files are not memory-mapped, because truncating a mapped file would kill the process. Reads are positional
(pread), so threads share no file offset and copy only the requested range. Small files are kept in memory.
"""

from __future__ import annotations

import json
import os
import threading
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

from kb.search.engine import IndexUnusableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

Array = np.ndarray[Any, np.dtype[Any]]

_MAGIC = b"kbarray2"
_ALIGNMENT = 64

_SMALL_BYTES = 100_000
"""The size from which files are read array by array. Smaller ones, of a few documents, are read whole: each
write leaves some, and opening and reading one took two dozen system calls."""

_seek_lock = threading.Lock()


def _read_by_seeking(descriptor: int, length: int, offset: int) -> bytes:
    """A substitute for `os.pread` on systems without it."""
    with _seek_lock:
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.read(descriptor, length)


_read_at = getattr(os, "pread", _read_by_seeking)


def encode_arrays(arrays: Mapping[str, Array], metadata: Mapping[str, Any]) -> Iterator[bytes | memoryview]:
    """Yield the content of a file with one-dimensional arrays, and metadata as JSON."""
    directory: dict[str, tuple[str, int, int]] = {}
    offset = 0
    for name, array in arrays.items():
        directory[name] = (array.dtype.str, offset, len(array))
        offset += -(-array.nbytes // _ALIGNMENT) * _ALIGNMENT
    header = json.dumps({"arrays": directory, "metadata": metadata}, ensure_ascii=False).encode()
    header += b" " * (-(len(header) + 16) % _ALIGNMENT)
    yield _MAGIC + len(header).to_bytes(8, "little") + header
    for array in arrays.values():
        yield np.ascontiguousarray(array).data
        yield b"\0" * (-array.nbytes % _ALIGNMENT)


def nbytes(value: Any) -> int:
    """The size in bytes of an array, or of the arrays in a tuple."""
    parts = value if isinstance(value, tuple) else (value,)
    return sum(part.nbytes for part in parts if isinstance(part, np.ndarray))


class ArrayFile:
    """Reads the arrays of one file. Raises IndexUnusableError when it is missing or damaged."""

    def __init__(self, path: Path, content: bytes | None = None) -> None:
        """Open a file, or the `content` of one that is not written yet."""
        self.name = path.name
        self._descriptor: int | None = None
        self._beginning = self._open(path) if content is None else content
        start = self._read(16, 0)
        if start[:8] != _MAGIC:
            raise IndexUnusableError(f"{path.name} is not an index file.")
        length = int.from_bytes(start[8:], "little")
        self._base = 16 + length
        header = json.loads(self._read(length, 16))
        self._directory: dict[str, tuple[np.dtype[Any], int, int]] = {
            name: (np.dtype(kind), offset, size) for name, (kind, offset, size) in header["arrays"].items()
        }
        self.metadata: dict[str, Any] = header["metadata"]
        if self._descriptor is not None:
            self._beginning = b""

    def _open(self, path: Path) -> bytes:
        """Open a file, and return its beginning. A small file is not kept open."""
        try:
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        except OSError as error:
            raise IndexUnusableError(f"{path.name} is missing from the index.") from error
        # Closed along with the last snapshot that uses it, because a thread may still be reading an older
        # one.
        close = weakref.finalize(self, os.close, descriptor)
        close.atexit = False
        beginning: bytes = _read_at(descriptor, _SMALL_BYTES, 0)
        if len(beginning) < _SMALL_BYTES:  # that was all of it
            close()
        else:
            self._descriptor = descriptor
        return beginning

    def __contains__(self, name: str) -> bool:
        return name in self._directory

    def read(self, name: str, start: int = 0, stop: int | None = None) -> Array:
        """Elements `start` to `stop` of an array, all by default."""
        kind, offset, size = self._directory[name]
        stop = size if stop is None else stop
        data = self._read((stop - start) * kind.itemsize, self._base + offset + start * kind.itemsize)
        return np.frombuffer(data, kind)

    def read_spans(self, name: str, spans: Sequence[tuple[int, int]]) -> Array:
        """Elements `start` to `stop` of an array, for each of many spans, one after the other."""
        kind, offset, _ = self._directory[name]
        size, offset, descriptor = kind.itemsize, self._base + offset, self._descriptor
        if descriptor is None:
            parts = [self._read((stop - start) * size, offset + start * size) for start, stop in spans]
        else:
            parts = [
                _read_at(descriptor, (stop - start) * size, offset + start * size) for start, stop in spans
            ]
        data = b"".join(parts)
        if len(data) != size * sum(stop - start for start, stop in spans):
            raise self._truncated()
        return np.frombuffer(data, kind)

    def read_bytes(self, name: str, start: int, stop: int) -> bytes:
        """Bytes `start` to `stop` of an array of bytes."""
        _, offset, _ = self._directory[name]
        return self._read(stop - start, self._base + offset + start)

    def _read(self, length: int, offset: int) -> bytes:
        data = self._beginning[offset : offset + length]
        if len(data) != length and self._descriptor is not None:
            data = _read_at(self._descriptor, length, offset)
        if len(data) != length:
            raise self._truncated()
        return data

    def _truncated(self) -> IndexUnusableError:
        return IndexUnusableError(f"{self.name} is truncated: the index is damaged.")
