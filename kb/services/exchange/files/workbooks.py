"""Read an XLSX spreadsheet row by row, as texts."""

from __future__ import annotations

import re
import warnings
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, BinaryIO
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from kb.errors import MalformedInput
from kb.messages import Message
from kb.services.exchange.files.archives import MAX_UNPACKED
from kb.services.exchange.files.compressed import TOO_LARGE
from kb.services.exchange.files.sheet_facts import sheet_facts
from kb.services.exchange.files.workbook_size import require_readable_size
from kb.services.infrastructure.csv_reading import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from openpyxl.workbook import Workbook

MAX_COLUMNS = 500
MAX_ROWS = 200_000

_LAST_ROW = 1_048_576
"""The last row that a spreadsheet program can show."""

_MAX_CELLS = 20_000_000
"""How many cells a sheet may have, including empty ones with a format."""

_UNCOMPUTED = Message(
    "There are formulas without a value: {cells}. Open the file in a spreadsheet program and save it."
)
_TOO_LONG = Message("The sheet has more than {most} rows. Split it.")
_TOO_WIDE = Message("Row {row} has more than {most} columns. Delete the columns that are not needed.")

_ERRORS = re.compile(r"#(?:REF!|N/A|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!)")
"""Error values of failed formulas, which count as empty."""


def workbook_records(file: BinaryIO, sheet: str | None) -> Iterator[Record]:
    """Yield the rows of a sheet that are not empty, by default of the first sheet that has any.

    A merged cell counts for each of its rows. For a formula, its stored value is read. Raises MalformedInput.
    """
    file.seek(0)
    try:
        require_readable_size(file)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about extensions without values, such as validation lists
            book = load_workbook(file, read_only=True, data_only=True)
            try:
                yield from _records(file, book, sheet)
            finally:
                book.close()
    except MalformedInput:
        raise
    # A damaged part can raise any of these, depending on the part.
    except (
        BadZipFile,
        InvalidFileException,
        LookupError,
        ValueError,
        TypeError,
        SyntaxError,
        EOFError,
    ) as error:
        raise MalformedInput(
            Message(
                "The spreadsheet cannot be read: {reason}. Save it anew, or as CSV.",
                reason=" ".join(str(error).split())[:200],
            )
        ) from error


def _records(file: BinaryIO, book: Workbook, sheet: str | None) -> Iterator[Record]:
    titles = [each.title for each in book.worksheets]
    for title in titles if sheet is None else [_sheet_title(titles, sheet)]:
        facts = sheet_facts(file, title)
        if facts.formulas:
            raise MalformedInput(_UNCOMPUTED.format(cells=", ".join(facts.formulas)))
        is_empty = True
        for record in _bounded(_rows(book[title], facts.merged)):
            is_empty = False
            yield record
        if not is_empty:
            return


def _sheet_title(titles: list[str], name: str) -> str:
    if name in titles:
        return name
    raise MalformedInput(
        Message(
            "There is no sheet {name!r}. The sheets are: {names}.", name=name[:60], names=", ".join(titles)
        )
    )


def _bounded(records: Iterable[Record]) -> Iterator[Record]:
    """Yield rows until their texts are too long: many cells may refer to a text that the file has once."""
    length = 0
    for record in records:
        length += sum(map(len, record.cells))
        if length > MAX_UNPACKED:
            raise MalformedInput(TOO_LARGE.format(most=MAX_UNPACKED // 1_000_000))
        yield record


def _rows(sheet: Any, merged: Mapping[tuple[int, int], tuple[int, int]]) -> Iterator[Record]:
    sheet.reset_dimensions()  # since programs may have stored wrong ones
    anchors = dict.fromkeys(merged.values(), "")
    last = min(max((column for _, column in merged), default=0), MAX_COLUMNS)
    count = width = 0
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        if number > _LAST_ROW:
            raise MalformedInput(_TOO_LONG.format(most=_LAST_ROW))
        width += len(row)
        if width > _MAX_CELLS or any(value is not None for value in row[MAX_COLUMNS:]):
            raise MalformedInput(_TOO_WIDE.format(row=number, most=MAX_COLUMNS))
        cells = [_text(value) for value in row[:MAX_COLUMNS]]
        cells += [""] * (last - len(cells))
        for column, text in enumerate(cells, 1):
            if (number, column) in anchors:
                anchors[number, column] = text
            elif (anchor := merged.get((number, column))) is not None:
                cells[column - 1] = anchors[anchor]
        while cells and not cells[-1]:
            cells.pop()
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > MAX_ROWS:
            raise MalformedInput(_TOO_LONG.format(most=MAX_ROWS))
        yield Record(tuple(cells), number, number)


def _text(value: Any) -> str:
    """The value of a cell as people would type it, with dates in ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(" ", "seconds")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    text = str(value)
    return "" if _ERRORS.fullmatch(text) else text
