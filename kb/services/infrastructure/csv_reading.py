"""Read the rows of CSV files as spreadsheets and planning tools write them."""

from __future__ import annotations

import csv
import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from kb.domain.written_times import DateOrder
from kb.errors import MalformedInput
from kb.messages import Message, message_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

_DELIMITERS = ",;\t"

_TYPOGRAPHY = frozenset(
    b"\x80\x82\x84\x85\x86\x87\x89\x8b\x91\x92\x93\x94\x95\x96\x97\x99\x9b\xa0\xa9\xab\xae\xb0\xbb"
)
"""Quotation marks, dashes and the like, which are the same in all Windows code pages."""

_START = 10_000
"""How many characters are searched for the delimiter."""

_HEBREW_RUN = re.compile("(?<![A-Za-z])[א-ת]{2,}(?![A-Za-z])")


class Record(NamedTuple):
    """The cells of a row, its number and its first line, both from 1."""

    cells: tuple[str, ...]
    number: int
    line: int


def csv_records(stream: TextIO) -> Iterator[Record]:
    """Yield the rows of a text that are not empty, the header first, as they are read.

    The delimiter is a comma, semicolon or tab, or given in a first line `sep=|`. The stream must be seekable,
    and must not translate line ends. Raises MalformedInput for unclosed quotes and cells that are too long.
    """
    start = stream.read(_START)
    first = re.split(r"[\r\n]", start, maxsplit=1)[0].strip().lower()
    delimiter, skipped = _delimiter(start), 0
    stream.seek(0)
    if re.fullmatch(r'"?sep=(.)"?', first):  # Excel's notation for the delimiter
        delimiter, skipped = first.strip('"')[-1], 1
        stream.readline()
    reader = csv.reader(stream, delimiter=delimiter, strict=True)
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
        if cells and any(map(str.strip, cells)):
            yield Record(tuple(cells), number, line)
        line = reader.line_num + 1 + skipped


def usual_date_order(header: Sequence[str]) -> DateOrder | None:
    """The order of day and month if the language of a header has only one: Hebrew."""
    return DateOrder.DAY_FIRST if any(map(_HEBREW_RUN.search, header)) else None


def _delimiter(text: str) -> str:
    """The most frequent delimiter, outside quotes, in the first line that has any."""
    for line in re.sub(r'"[^"]*"', "", text[:_START]).splitlines():
        counts = Counter(character for character in line if character in _DELIMITERS)
        if counts:
            return max(_DELIMITERS, key=lambda character: counts[character])
    return _DELIMITERS[0]


def as_windows_hebrew(content: bytes) -> str | None:
    """Decode a text in code page 1255 if it is Hebrew: its letters form runs, not parts of Latin words.

    A text with no other non-ASCII characters than typographic ones is the same in every code page.
    """
    try:
        text = content.decode("cp1255")
    except UnicodeDecodeError:
        return None
    if all(byte < 0x80 or byte in _TYPOGRAPHY for byte in content):
        return text
    letters = sum("א" <= character <= "ת" for character in text)
    in_words = sum(len(run) for run in _HEBREW_RUN.findall(text))
    return text if letters and in_words >= 0.8 * letters else None
