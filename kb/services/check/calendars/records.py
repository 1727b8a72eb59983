"""Read the records of a CSV file as spreadsheets and planning tools write it."""

from __future__ import annotations

import codecs
import io

from kb.errors import MalformedInput
from kb.messages import Message
from kb.services.infrastructure.csv_reading import Record, as_windows_hebrew, csv_records

_UNICODE = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ZIP = b"PK\x03\x04"
_OLD_SPREADSHEET = b"\xd0\xcf\x11\xe0"
_IN_SPREADSHEETS = (b"xl/", b"[Content_Types].xml", b"opendocument.spreadsheet")
"""A ZIP archive that contains one of these is a spreadsheet."""

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
"""Signatures of other kinds of files, in lower case if they are text."""

_NOT_UTF8 = Message('The calendar is not in UTF-8. In Excel, choose "CSV UTF-8" when you save it.')


def read_records(content: bytes) -> list[Record]:
    """Return the rows that are not empty. Raises MalformedInput for a file of another kind."""
    return list(csv_records(io.StringIO(decode_calendar(content), newline="")))


def decode_calendar(content: bytes) -> str:
    """Decode a CSV file in UTF-8, UTF-16 or Windows-1255 (Hebrew). Raises MalformedInput."""
    _refuse_other_kinds(content)
    encoding = next((name for mark, name in _UNICODE if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8" or (text := as_windows_hebrew(content)) is None:
            raise MalformedInput(_NOT_UTF8) from error
        return text


def _refuse_other_kinds(content: bytes) -> None:
    """Raise MalformedInput, with advice, if the first bytes show another kind of file."""
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
