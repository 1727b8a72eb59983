"""Unpack gzip files, up to a size limit, before anything reads them."""

from __future__ import annotations

import gzip
import zlib
from contextlib import contextmanager
from pathlib import PurePath
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, BinaryIO, cast

from kb.errors import MalformedInput
from kb.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 1_000_000_000
"""The default limit of a file's unpacked size, in bytes."""

TOO_LARGE = Message("Unpacked, the file has more than {most} MB, and no more is read. Split it.")

_SIGNATURE = b"\x1f\x8b"
_ENDING = ".gz"
_BLOCK = 1_000_000
_IN_MEMORY = 10_000_000


@contextmanager
def open_unpacked(file: BinaryIO, *, most: int = MAX_BYTES) -> Iterator[BinaryIO]:
    """Unpack a seekable binary file if it is in gzip format; yield any other file unchanged.

    The unpacked content is in memory up to 10 MB, beyond that in a temporary file. Raises MalformedInput for
    a damaged or truncated file, and as soon as there are more than `most` bytes.
    """
    file.seek(0)
    if file.read(len(_SIGNATURE)) != _SIGNATURE:
        file.seek(0)
        yield file
        return
    file.seek(0)
    with SpooledTemporaryFile(_IN_MEMORY) as spooled:
        content = cast("BinaryIO", spooled)  # it has the same interface
        _unpack(file, content, most)
        content.seek(0)
        yield content


def unpacked_name(name: str) -> str:
    """The name of a file without the suffix that gzip appends."""
    return name[: -len(_ENDING)] if PurePath(name).suffix.lower() == _ENDING else name


def _unpack(file: BinaryIO, content: BinaryIO, most: int) -> None:
    size = 0
    try:
        with gzip.GzipFile(fileobj=file, mode="rb") as packed:
            while block := packed.read(_BLOCK):
                size += len(block)
                if size > most:
                    raise MalformedInput(TOO_LARGE.format(most=most // 1_000_000))
                content.write(block)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise MalformedInput(
            Message("The compressed file is damaged or cut off. Copy it again, or compress it again.")
        ) from error
