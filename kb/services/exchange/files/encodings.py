"""Detect the encoding of a text file: UTF-8, UTF-16, or a Windows code page that is given or detected."""

from __future__ import annotations

import codecs
import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from kb.errors import MalformedInput
from kb.messages import Message
from kb.services.infrastructure.csv_reading import as_windows_hebrew

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks, UTF-32 before UTF-16, whose mark is its prefix."""

_BLOCK = 1_000_000
_MAX_WINDOWS = 50_000_000
"""The maximum size of a file whose code page is detected, which reads all of it."""

_START = 1_000

_NOT_UTF8 = Message(
    'The file is not in UTF-8. Save it as UTF-8 (in Excel: "CSV UTF-8"), or say what it is in, such as '
    "windows-1252 or windows-1255, with encoding (--encoding)."
)


@contextmanager
def open_text(file: BinaryIO, encoding: str | None, newline: str | None = "") -> Iterator[TextIO]:
    """Open a seekable binary file as text, from its beginning; it stays open. `newline` is as for `open`.

    Raises MalformedInput for an encoding that is unknown, wrong, or cannot be detected.
    """
    name = detect_encoding(file) if encoding is None else _checked(file, encoding)
    file.seek(0)
    text = io.TextIOWrapper(file, name, newline=newline)
    try:
        yield text
    finally:
        text.detach()


def detect_encoding(file: BinaryIO) -> str:
    """Detect the encoding of a text file. Raises MalformedInput if that fails."""
    file.seek(0)
    start = file.read(_START)
    if (marked := next((name for mark, name in _MARKS if start.startswith(mark)), None)) is not None:
        return marked if _decodes(file, marked) else _fail(marked)
    if (wide := _without_mark(start)) is not None:
        return wide if _decodes(file, wide) else _fail(wide)
    if _decodes(file, "utf-8"):
        return "utf-8"
    file.seek(0)
    content = file.read(_MAX_WINDOWS + 1)
    if len(content) <= _MAX_WINDOWS and as_windows_hebrew(content) is not None:
        return "cp1255"
    raise MalformedInput(_NOT_UTF8)


def _without_mark(start: bytes) -> str | None:
    """Detect UTF-16 without a byte order mark: in a table or JSON, every second byte of ASCII is zero."""
    zeros = [start[offset::2].count(0) for offset in (0, 1)]
    if max(zeros) == 0 or min(zeros) > 0:
        return None
    return "utf-16-be" if zeros[0] else "utf-16-le"


def _checked(file: BinaryIO, encoding: str) -> str:
    try:
        "a".encode(encoding)
    except (LookupError, ValueError) as error:
        raise MalformedInput(
            Message(
                "There is no encoding {name!r}. Write, for example, windows-1255 or utf-16.",
                name=encoding[:40],
            )
        ) from error
    return encoding if _decodes(file, encoding) else _fail(encoding)


def _decodes(file: BinaryIO, encoding: str) -> bool:
    """Whether an entire file is text in an encoding."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while block := file.read(_BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _fail(encoding: str) -> str:
    raise MalformedInput(Message("The file is not text in {name}.", name=encoding))
