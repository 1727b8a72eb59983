"""The records of a CSV file, as spreadsheets and planning tools write it."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from kb.errors import MalformedInput
from kb.messages import Message, message_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_DELIMITERS = ",;\t"
_UNICODE = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ZIP = b"PK\x03\x04"
_OLD_SPREADSHEET = b"\xd0\xcf\x11\xe0"
_IN_SPREADSHEETS = (b"xl/", b"[Content_Types].xml", b"opendocument.spreadsheet")
"""What an archive has in it that is a spreadsheet: at least one of these."""

_OTHER_KINDS = (
    (b"\x89PNG", Message("an image")),
    (b"\xff\xd8\xff", Message("an image")),
    (b"GIF8", Message("an image")),
    (b"%PDF", Message("a PDF document")),
    (b"{\\rtf", Message("a text document")),
    (b"<!doctype", Message("a web page")),
    (b"<html", Message("a web page")),
    (b'[{"', Message("JSON")),
    (b'{"', Message("JSON")),
)
"""How files of other kinds begin, in lower case where they are text."""

_TYPOGRAPHY = frozenset(
    b"\x80\x82\x84\x85\x86\x87\x89\x8b\x91\x92\x93\x94\x95\x96\x97\x99\x9b\xa0\xa9\xab\xae\xb0\xbb"
)
"""Quotation marks, dashes and the like, which are the same in the code pages of Windows."""

_START = 10_000
"""How many characters are looked at for the separator of cells."""

HEBREW_RUN = re.compile("(?<![A-Za-z])[א-ת]{2,}(?![A-Za-z])")
_NOT_UTF8 = Message('The calendar is not in UTF-8. In Excel, choose "CSV UTF-8" when you save it.')


class Record(NamedTuple):
    """The cells of a row, its number and its first line, both from 1."""

    cells: tuple[str, ...]
    number: int
    line: int


def read_records(content: bytes) -> list[Record]:
    """The rows that have any content. Raises MalformedInput for a file of another kind."""
    return list(_records(decode_calendar(content)))


def decode_calendar(content: bytes) -> str:
    """The text of a CSV file in UTF-8, UTF-16 or the Hebrew code page of Windows. Raises MalformedInput."""
    _refuse_other_kinds(content)
    encoding = next((name for mark, name in _UNICODE if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8" or (text := _as_windows_hebrew(content)) is None:
            raise MalformedInput(_NOT_UTF8) from error
        return text


def _refuse_other_kinds(content: bytes) -> None:
    """Raise MalformedInput for a file that is of another kind by its first bytes, with what to do."""
    is_archive = content.startswith(_ZIP)
    if is_archive and not any(sign in content for sign in _IN_SPREADSHEETS):
        raise MalformedInput(Message("This is an archive. Unpack it, and send the CSV file that is in it."))
    if is_archive or content.startswith(_OLD_SPREADSHEET):
        raise MalformedInput(Message("This is a spreadsheet, not CSV. Save it as CSV (in Excel: CSV UTF-8)."))
    start = content[:100].removeprefix(codecs.BOM_UTF8).lstrip()
    for signature, kind in _OTHER_KINDS:
        if start.startswith(signature) or start.lower().startswith(signature):
            raise MalformedInput(
                Message(
                    "This is {kind}, not CSV. Export the calendar from where it is kept, as CSV.", kind=kind
                )
            )


def _as_windows_hebrew(content: bytes) -> str | None:
    """The text in code page 1255, if it is Hebrew: its letters stand together, not within Latin words.

    A text without letters of its own, but with typographic signs, is the same in every code page.
    """
    try:
        text = content.decode("cp1255")
    except UnicodeDecodeError:
        return None
    if all(byte < 0x80 or byte in _TYPOGRAPHY for byte in content):
        return text
    letters = sum("א" <= character <= "ת" for character in text)
    in_words = sum(len(run) for run in HEBREW_RUN.findall(text))
    return text if letters and in_words >= 0.8 * letters else None


def _records(text: str) -> Iterator[Record]:
    """The rows that have any content, the header first. Raises MalformedInput for quotes left open."""
    first = text.split("\n", 1)[0].strip().lower()
    delimiter, skipped = _delimiter(text), 0
    if re.fullmatch(r'"?sep=(.)"?', first):  # what Excel needs to be told the separator
        delimiter, skipped = first.strip('"')[-1], 1
        text = text.split("\n", 1)[1] if "\n" in text else ""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line, number = 1 + skipped, 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise MalformedInput(
                Message(
                    "The row from line {line} on cannot be read as CSV: {reason}. "
                    'Put texts with quotation marks or line breaks in quotes, and write "" for each within.',
                    line=line,
                    reason=message_of(error),
                )
            ) from error
        number += 1
        if any(cell.strip() for cell in cells):
            yield Record(tuple(cells), number, line)
        line = reader.line_num + 1 + skipped


def _delimiter(text: str) -> str:
    """The character that separates most cells of the first line that has any, outside quotes."""
    for line in re.sub(r'"[^"]*"', "", text[:_START]).splitlines():
        counts = Counter(character for character in line if character in _DELIMITERS)
        if counts:
            return max(_DELIMITERS, key=lambda character: counts[character])
    return _DELIMITERS[0]
