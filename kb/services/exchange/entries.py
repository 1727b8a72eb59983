"""Entries of files of incidents, and a reader for JSON Lines or one JSON array, in UTF-8."""

from __future__ import annotations

import codecs
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.domain import strict_json
from kb.errors import EmptyInput, FieldError, MalformedInput
from kb.messages import Message, message_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_OTHER_FORMATS = (
    (codecs.BOM_UTF16_LE, Message("It is in UTF-16. Save it as UTF-8.")),
    (codecs.BOM_UTF16_BE, Message("It is in UTF-16. Save it as UTF-8.")),
    (b"\x00\x00\xfe\xff", Message("It is in UTF-32. Save it as UTF-8.")),
    (b"\x1f\x8b", Message("It is compressed. Decompress it: gunzip FILE")),
    (b"PK\x03\x04", Message("It is a ZIP file or a spreadsheet. Export the incidents as JSON Lines.")),
)
"""Signatures of other formats, with advice."""


class Remark(NamedTuple):
    """A note on what was assumed or left out without being an error: at a pointer into an entry or, if
    `is_general`, on the whole file."""

    pointer: str
    detail: Message
    is_general: bool = False


class Entry(NamedTuple):
    """An entry of a file. `number` counts lines or, depending on `unit`, items of an array, rows or
    documents, from 1.

    `problems` say why `value` could not be read. `columns` names the columns of a table, or the keys of front
    matter, by JSON pointer. `file` is the name of the file.
    """

    number: int
    value: Any
    problems: tuple[FieldError, ...] = ()
    unit: str = "line"
    file: str = ""
    columns: Mapping[str, str] | None = None
    remarks: tuple[Remark, ...] = ()

    def column(self, pointer: str) -> str | None:
        """The column that a value is from, if known; the pointer may lead into the value."""
        while self.columns and pointer:
            if pointer in self.columns:
                return self.columns[pointer]
            pointer = pointer.rpartition("/")[0]
        return None


def read_entries(lines: Iterable[bytes]) -> Iterator[Entry]:
    """Yield the entries of a file from its lines. An array is read as a whole, JSON Lines line by line.

    Raises MalformedInput for a file of another format, or without entries.
    """
    numbered = ((number, line) for number, line in enumerate(_without_bom(lines), 1) if line.strip())
    first = next(numbered, None)
    if first is None:
        raise EmptyInput(Message("The file is empty: there is nothing to import."))
    rest = chain([first], numbered)
    start = first[1].strip()
    if start.startswith(b"["):
        yield from _read_array(b"".join(line for _, line in rest))
        return
    if start == b"{":
        raise MalformedInput(
            Message(
                "An object is spread over several lines. "
                "Write each incident on one line, or all in a JSON array."
            )
        )
    if not start.startswith(b"{"):
        raise MalformedInput(
            Message(
                "This file cannot be imported. It is neither JSON, nor a table with several columns, nor "
                "Markdown with front matter."
            )
        )
    for number, line in rest:
        try:
            yield Entry(number, strict_json.loads(line, first_line=number))
        except ValueError as error:
            problem = Message("This is not readable JSON: {reason}", reason=message_of(error))
            yield Entry(number, None, (FieldError("", problem),))


def _read_array(text: bytes) -> Iterator[Entry]:
    try:
        values = strict_json.loads(text)
    except ValueError as error:
        raise MalformedInput(
            Message("The file begins as a JSON array, but is not one: {reason}", reason=message_of(error))
        ) from error
    if not values:
        raise MalformedInput(Message("The array is empty: there is nothing to import."))
    for number, value in enumerate(values, 1):
        yield Entry(number, value, unit="item")


def _without_bom(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines, the first without its BOM. Raises MalformedInput if the first bytes show another format."""
    for number, line in enumerate(lines):
        if number == 0:
            for signature, advice in _OTHER_FORMATS:
                if line.startswith(signature):
                    raise MalformedInput(Message("This file cannot be imported. {advice}", advice=advice))
            if b"\x00" in line[:4]:
                raise MalformedInput(Message("This file cannot be imported. It is not text in UTF-8."))
        yield line.removeprefix(codecs.BOM_UTF8) if number == 0 else line
