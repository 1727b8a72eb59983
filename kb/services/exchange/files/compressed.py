"""Files that gzip has compressed: unpacked beside them, up to a size, before anything reads them."""

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
"""How many bytes a file may have once it is unpacked, where nobody says less."""

_SIGNATURE = b"\x1f\x8b"
_ENDING = ".gz"
_BLOCK = 1_000_000
_IN_MEMORY = 10_000_000


@contextmanager
def unpacked(file: BinaryIO, *, most: int = MAX_BYTES) -> Iterator[BinaryIO]:
    """A seekable binary file as it was before gzip compressed it; any other file as it is.

    What is unpacked is in memory up to 10 MB, beyond that in a temporary file. Raises MalformedInput for a
    file that is damaged or cut off, or that would have more than `most` bytes: no more of it is unpacked.
    """
    file.seek(0)
    if file.read(len(_SIGNATURE)) != _SIGNATURE:
        file.seek(0)
        yield file
        return
    file.seek(0)
    with SpooledTemporaryFile(_IN_MEMORY) as spooled:
        content = cast("BinaryIO", spooled)  # which it is but by name
        _unpack(file, content, most)
        content.seek(0)
        yield content


def unpacked_name(name: str) -> str:
    """The name of a file without the ending that gzip appends to it."""
    return name[: -len(_ENDING)] if PurePath(name).suffix.lower() == _ENDING else name


def _unpack(file: BinaryIO, content: BinaryIO, most: int) -> None:
    size = 0
    try:
        with gzip.GzipFile(fileobj=file, mode="rb") as packed:
            while block := packed.read(_BLOCK):
                size += len(block)
                if size > most:
                    raise MalformedInput(
                        Message(
                            "Unpacked, the file has more than {most} MB, and no more is read. Split it.",
                            most=most // 1_000_000,
                        )
                    )
                content.write(block)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise MalformedInput(
            Message("The compressed file is damaged or cut off. Copy it again, or compress it again.")
        ) from error
