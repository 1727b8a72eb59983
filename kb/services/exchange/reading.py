"""Reading the entries of an import file: JSON Lines or one JSON array, in UTF-8 with or without a BOM."""

from __future__ import annotations

import codecs
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.domain import strict_json
from kb.errors import MalformedInput
from kb.messages import Message, message_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_OTHER_FORMATS = (
    (codecs.BOM_UTF16_LE, Message("It is in UTF-16. Save it as UTF-8.")),
    (codecs.BOM_UTF16_BE, Message("It is in UTF-16. Save it as UTF-8.")),
    (b"\x00\x00\xfe\xff", Message("It is in UTF-32. Save it as UTF-8.")),
    (b"\x1f\x8b", Message("It is compressed. Decompress it: gunzip -c FILE | kb import -")),
    (b"PK\x03\x04", Message("It is a ZIP file or a spreadsheet. Export the incidents as JSON Lines.")),
)
"""What other files begin with, and what to do with them."""


class Entry(NamedTuple):
    """An entry of a file. `number` is its line or, with the unit "item", its position in an array; from 1.

    `problem` says why `value` could not be read.
    """

    number: int
    value: Any
    problem: Message | None = None
    unit: str = "line"


def read_entries(lines: Iterable[bytes]) -> Iterator[Entry]:
    """Yield the entries of a file from its lines. An array is read as a whole, JSON Lines line by line.

    Raises MalformedInput for a file of another format, or without entries.
    """
    numbered = ((number, line) for number, line in enumerate(_without_bom(lines), 1) if line.strip())
    first = next(numbered, None)
    if first is None:
        raise MalformedInput(Message("The file is empty: there is nothing to import."))
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
                "This file cannot be imported. It does not begin with a JSON object or array. "
                "Export the incidents as JSON Lines; CSV is not read."
            )
        )
    for number, line in rest:
        try:
            yield Entry(number, strict_json.loads(line))
        except ValueError as error:
            yield Entry(
                number, None, Message("This is not readable JSON: {reason}", reason=message_of(error))
            )


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
