"""Open ZIP files, including spreadsheets, safely: the unpacked size is limited."""

from __future__ import annotations

import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from kb.errors import MalformedInput
from kb.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_UNPACKED = 300_000_000
"""The maximum total size of an archive's parts, in bytes. The reader of a part stops at the size that the
archive declares."""

MAX_PARTS = 50_000

_WORKBOOK = "xl/workbook.xml"


@contextmanager
def open_archive(file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """Open a seekable file as an archive that is safe to read. Raises MalformedInput for anything else.

    Damage that is found while reading raises MalformedInput as well.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            _check(archive)
            yield archive
    # EOFError: a part that is truncated or has a wrong size; RuntimeError: one with a password
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise MalformedInput(
            Message("The file cannot be unpacked: {reason}", reason=" ".join(str(error).split())[:200])
        ) from error


def is_workbook(archive: zipfile.ZipFile) -> bool:
    """Whether an archive is a spreadsheet. Raises MalformedInput for a spreadsheet other than .xlsx."""
    names = set(archive.namelist())
    if _WORKBOOK in names:
        return True
    if names & {"xl/workbook.bin", "content.xml"}:
        raise MalformedInput(
            Message(
                "This file cannot be imported. {advice}",
                advice=Message("It is a spreadsheet of another kind. Save it as .xlsx or as CSV."),
            )
        )
    return False


def _check(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > MAX_PARTS:
        raise MalformedInput(
            Message(
                "The archive has {count} parts; at most {most} are read.", count=len(parts), most=MAX_PARTS
            )
        )
    size = sum(part.file_size for part in parts)
    if size > MAX_UNPACKED:
        raise MalformedInput(
            Message(
                "Unpacked, the file would have {size} MB; at most {most} MB are read. Split it.",
                size=size // 1_000_000,
                most=MAX_UNPACKED // 1_000_000,
            )
        )
    if any(part.flag_bits & 1 for part in parts):
        raise MalformedInput(Message("The archive is protected by a password. Save it without one."))
