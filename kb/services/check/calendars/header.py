"""Find the header row of a calendar, which may follow a title, and handle files without one."""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING, NamedTuple

from kb.domain.written_times import DateOrder, parse_schedule
from kb.errors import InvalidInput, MalformedInput
from kb.messages import Message
from kb.services.check.calendars.columns import (
    find_columns,
    guess_columns,
)
from kb.services.check.calendars.records import read_records
from kb.services.check.calendars.variants import names_platform
from kb.services.infrastructure.column_names import column_letter, column_names
from kb.services.infrastructure.csv_reading import Record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

_MAX_TITLE_ROWS = 5
"""How many rows may precede the headings."""

_MAX_HEADING = 120
"""A longer cell of the first row is the text of a post, not a heading."""

_MAX_CHANNEL_WORDS = 3
_SAMPLED_ROWS = 20
_ADDRESS = ("http://", "https://", "www.")
_CLOCK = re.compile(r"\d{1,2}:\d{2}")


class SampledColumn(NamedTuple):
    """A column of a calendar to choose from: its name, and its first cell that is not empty."""

    name: str
    sample: str


class SampledColumns(NamedTuple):
    """The columns of a calendar, and guesses of the fields that they hold.

    `guesses` has names of columns by field; the text is guessed as the column with the longest cells.
    `headless` is true if the first row looks like a post, or was said to be one.
    """

    columns: list[SampledColumn]
    guesses: dict[str, str]
    headless: bool


def with_header(records: Sequence[Record], mapping: Mapping[str, str], *, headless: bool) -> list[Record]:
    """Return the records from the header on: the first row in which columns are found.

    If the first row is a post, the header is made of letters. Raises MalformedInput for an empty file.
    """
    if not records:
        raise MalformedInput(Message("The calendar is empty. Send a header row, and a row for each post."))
    start = None if headless else _header_index(records, mapping)
    if start is not None:
        return [*records[start:]]
    width = max(len(record.cells) for record in records)
    return [Record(tuple(map(column_letter, range(width))), 0, 0), *records]


def sample_columns(content: bytes, *, headless: bool) -> SampledColumns:
    """Sample each column of a CSV file. Raises MalformedInput for another kind of file."""
    header, *posts = with_header(read_records(content), {}, headless=headless)
    columns, lengths = [], []
    for index, name in enumerate(column_names(header.cells)):
        cells = [" ".join(post.cells[index].split()) for post in posts if index < len(post.cells)]
        sample = next(filter(None, cells), "")
        if sample or header.cells[index].strip():
            columns.append(SampledColumn(name, sample))
            lengths.append(sum(map(len, cells[:_SAMPLED_ROWS])))
    if header.number:
        guesses = {field: column.name for field, column in guess_columns(header.cells).items()}
    else:
        guesses = _guess_by_content(columns)
    guesses.setdefault("text", columns[lengths.index(max(lengths))].name)
    return SampledColumns(columns, guesses, headless=not header.number)


def _guess_by_content(columns: Sequence[SampledColumn]) -> dict[str, str]:
    """Guess the columns of times, links and platforms from their samples."""
    days = [column.name for column in columns if is_moment(column.sample)][:1]
    clocks = [column.name for column in columns if _CLOCK.match(column.sample)][:1]
    links = [column.name for column in columns if column.sample.startswith(_ADDRESS)][:1]
    channels = [column.name for column in columns if _is_channel(column.sample)][:1]
    guesses = {
        "scheduled_at": "+".join([*days, *clocks]) if days else "",
        "links": "".join(links),
        "platform": "".join(channels),
    }
    return {field: name for field, name in guesses.items() if name}


def _header_index(records: Sequence[Record], mapping: Mapping[str, str]) -> int | None:
    """The index of the header; None if the first row is a post."""
    first = records[: _MAX_TITLE_ROWS + 1]
    for index, record in enumerate(first):
        try:
            columns = find_columns(record.cells, mapping)
        except InvalidInput:
            continue
        if index == 0 or len(columns) > 1 or "text" in mapping:
            return index
    # No row has usual headings. A title fills one cell, headings fill several.
    index = next((index for index, record in enumerate(first) if sum(map(bool, record.cells)) > 1), 0)
    return None if any(map(_is_of_a_post, records[index].cells)) else index


def _is_of_a_post(cell: str) -> bool:
    """Whether a cell is a time, a link or a long text, so that it cannot be a heading."""
    text = cell.strip()
    return (
        len(text) > _MAX_HEADING
        or _CLOCK.match(text) is not None
        or text.startswith(_ADDRESS)
        or is_moment(text)
    )


def _is_channel(text: str) -> bool:
    return len(text.split()) <= _MAX_CHANNEL_WORDS and names_platform(text)


def is_moment(text: str, today: date | None = None) -> bool:
    """Whether a cell is a day, with a time or without; one without a year needs `today`."""
    try:
        parse_schedule(text, UTC, DateOrder.DAY_FIRST, today)
    except ValueError:
        return False
    return True
