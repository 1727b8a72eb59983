"""Read a file of incidents in any format: JSON, a table, or Markdown with front matter."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import PurePath
from typing import TYPE_CHECKING, BinaryIO

from kb.errors import EmptyInput, MalformedInput
from kb.messages import Message
from kb.services.exchange.entries import read_entries
from kb.services.exchange.files.archives import is_workbook, open_archive
from kb.services.exchange.files.compressed import unpacked_name
from kb.services.exchange.files.documents import archived_documents, document_entry
from kb.services.exchange.files.encodings import detect_encoding, open_text
from kb.services.exchange.files.table_entries import table_entries
from kb.services.infrastructure.csv_reading import csv_records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.services.exchange.entries import Entry
    from kb.services.exchange.files.mapping import ReadOptions
    from kb.services.infrastructure.csv_reading import Record

_START = 10_000


class FileFormat(StrEnum):
    """The format of a file of incidents."""

    JSON = "json"
    TABLE = "table"
    WORKBOOK = "workbook"
    DOCUMENT = "document"
    ARCHIVE = "archive"


_NAMES = {
    **dict.fromkeys((".csv", ".tsv", ".tab"), FileFormat.TABLE),
    **dict.fromkeys((".md", ".markdown"), FileFormat.DOCUMENT),
    **dict.fromkeys((".json", ".jsonl", ".ndjson"), FileFormat.JSON),
}
"""The formats of text files by suffix."""

_BINARY = (
    (
        b"\xd0\xcf\x11\xe0",
        Message(
            "It is a spreadsheet that is protected by a password, or of an old kind (.xls). Save it as .xlsx "
            "without a password, or as CSV."
        ),
    ),
    (b"\x1f\x8b", Message("It is compressed twice. Decompress it once: gunzip FILE")),
    *(
        (signature, Message("It is compressed, but not by gzip. Decompress it, or compress it with gzip."))
        for signature in (b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf\x27\x1c")
    ),
    (b"%PDF", Message("It is a PDF document. Export the incidents as a table or as JSON Lines.")),
    (b"\x89PNG", Message("It is an image. Export the incidents as a table or as JSON Lines.")),
    (b"\xff\xd8\xff", Message("It is an image. Export the incidents as a table or as JSON Lines.")),
)
"""Signatures of files that cannot be read, with advice."""


def read_incident_file(file: BinaryIO, options: ReadOptions) -> Iterator[Entry]:
    """Yield the incidents of a seekable, unpacked binary file, each with its place and its problems.

    The values are bodies of POST /incidents, not yet validated. Tables and documents are turned into such
    bodies with the terms of the taxonomy, which needs the application's context. Memory use is bounded for
    JSON Lines and tables. Raises MalformedInput for a file of another format, or without entries.
    """
    entries = _READERS[detect_format(file, options)](file, options)
    for entry in entries:
        yield entry._replace(file=entry.file or options.name)


def detect_format(file: BinaryIO, options: ReadOptions) -> FileFormat:
    """Detect the format of a file by its content, or if that is ambiguous, by its name.

    Raises MalformedInput, with advice, for a file that is empty or of another format.
    """
    file.seek(0)
    start = file.read(_START)
    for signature, advice in _BINARY:
        if start.startswith(signature):
            raise MalformedInput(Message("This file cannot be imported. {advice}", advice=advice))
    if start.startswith(b"PK\x03\x04"):
        with open_archive(file) as archive:
            return FileFormat.WORKBOOK if is_workbook(archive) else FileFormat.ARCHIVE
    named = _NAMES.get(PurePath(unpacked_name(options.name)).suffix.lower())
    encoding = options.encoding or detect_encoding(file)
    with open_text(file, encoding, newline=None) as text:
        beginning = text.read(_START).lstrip("\ufeff").lstrip()
    if not beginning:
        raise EmptyInput(Message("The file is empty: there is nothing to import."))
    return _format_of(beginning, named)


def _format_of(text: str, named: FileFormat | None) -> FileFormat:
    if text.startswith("{") or (text.startswith("[") and named is not FileFormat.TABLE):
        return FileFormat.JSON
    if re.match(r"---[ \t]*\n", text) or named is FileFormat.DOCUMENT:
        return FileFormat.DOCUMENT
    if named is None and not re.search(r"[,;\t]", text.split("\n", 1)[0]):
        return FileFormat.JSON  # whose reader reports the error
    return named or FileFormat.TABLE


def table_records(file: BinaryIO, options: ReadOptions) -> Iterator[Record]:
    """Yield the rows of a table, CSV or workbook, that are not empty. Raises MalformedInput."""
    if detect_format(file, options) is FileFormat.WORKBOOK:
        # openpyxl takes a tenth of a second to import.
        from kb.services.exchange.files.workbooks import workbook_records  # noqa: PLC0415

        yield from workbook_records(file, options.mapping.sheet if options.mapping else None)
        return
    with open_text(file, options.encoding) as text:
        yield from csv_records(text)


def _read_json(file: BinaryIO, options: ReadOptions) -> Iterator[Entry]:
    encoding = options.encoding or detect_encoding(file)
    file.seek(0)
    start = file.read(_START)
    if encoding in ("utf-8", "utf-8-sig") and (b"\n" in start or b"\r" not in start):
        file.seek(0)
        yield from read_entries(file)  # as bytes, so that a decoding error is reported for its line
        return
    with open_text(file, encoding, newline=None) as text:
        yield from read_entries(line.encode() for line in text)


def _read_table(file: BinaryIO, options: ReadOptions) -> Iterator[Entry]:
    return table_entries(table_records(file, options), options.mapping)


def _read_document(file: BinaryIO, options: ReadOptions) -> Iterator[Entry]:
    with open_text(file, options.encoding) as text:
        yield document_entry(text.read(), options)


_READERS = {
    FileFormat.JSON: _read_json,
    FileFormat.TABLE: _read_table,
    FileFormat.WORKBOOK: _read_table,
    FileFormat.DOCUMENT: _read_document,
    FileFormat.ARCHIVE: archived_documents,
}
