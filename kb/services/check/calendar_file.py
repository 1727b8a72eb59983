"""Content calendars: the posts of a CSV file, as spreadsheets and planning tools write it, or of JSON."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from marshmallow import ValidationError

from kb.domain.draft import DraftKind
from kb.errors import FieldError, InvalidInput, MalformedInput
from kb.messages import Message, joined, message_of
from kb.schemas.fields import canonical_language
from kb.services.check.calendar_columns import find_columns
from kb.services.check.calendar_times import AmbiguousDateError, DateOrder, date_order, parse_schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date, tzinfo

    from kb.services.check.calendar_columns import Column

MAX_ROWS = 5_000
"""How many posts a calendar may have."""

_DELIMITERS = ",;\t"
_UNICODE = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_LIST_SEPARATOR = re.compile(r"[\s,;/|]+")
_HEBREW_RUN = re.compile("(?<![A-Za-z])[א-ת]{2,}(?![A-Za-z])")
_NOT_UTF8 = Message('The calendar is not in UTF-8. In Excel, choose "CSV UTF-8" when you save it.')
_WITHOUT_DAY = Message("The post was checked without a day.")
_KINDS = frozenset(DraftKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarFormat:
    """How to read a CSV calendar: which column holds each field, the zone of times without an offset, and
    whether the day or the month comes first in 03/04/2027; by default, what the file itself tells.

    A day without a year is the next one from `today` on, by default from the current day in that zone."""

    columns: Mapping[str, str] = field(default_factory=dict)
    time_zone: tzinfo = UTC
    order: DateOrder | None = None
    today: date | None = None


class CalendarRow(NamedTuple):
    """A post of a calendar as the data of a draft, and what is wrong with it.

    `number` is that of a spreadsheet, whose header is row 1; in JSON, the first post is number 1. `line` is
    the first line of the row in its file, `has_time` False where only the day of publication is known.
    `notes` say what was assumed or left out, `cells` are the row as it stands in its file, `ambiguous_date`
    is a date that can be read in two ways, which is an error as well.
    """

    number: int
    data: Any
    errors: tuple[FieldError, ...] = ()
    has_time: bool = True
    line: int = 1
    notes: tuple[FieldError, ...] = ()
    cells: tuple[str, ...] = ()
    ambiguous_date: str | None = None


def json_rows(values: Any) -> list[CalendarRow]:
    """The posts of a JSON array. Raises InvalidInput for anything else, and for too many of them."""
    if not isinstance(values, list):
        raise InvalidInput([FieldError("", Message('Send an array of drafts: [{"text": ...}, ...]'))])
    _check_count(len(values))
    return [CalendarRow(number, value) for number, value in enumerate(values, 1)]


def csv_rows(content: bytes, form: CalendarFormat) -> list[CalendarRow]:
    """The posts of a CSV file with a header. Empty rows are left out.

    Raises MalformedInput for a file of another kind, InvalidInput for columns that cannot be told.
    """
    records = list(_records(decode_calendar(content)))
    if not records:
        raise MalformedInput(Message("The calendar is empty. Send a header row, and a row for each post."))
    header, *posts = records
    _check_count(len(posts))
    columns = find_columns(header.cells, form.columns)
    times = [_cell(post, columns["scheduled_at"]) for post in posts] if "scheduled_at" in columns else []
    order = form.order or date_order(times) or _usual_order(header.cells)
    today = form.today or datetime.now(form.time_zone).date()
    reader = _RowReader(len(header.cells), columns, form.time_zone, order, today)
    return [reader.read(post) for post in posts]


def csv_header(content: bytes) -> list[str]:
    """The names of the columns of a CSV file that `csv_rows` has read."""
    return next(_records(decode_calendar(content))).cells


def _usual_order(header: Sequence[str]) -> DateOrder | None:
    """The order of day and month where the language of a header has only one: Hebrew."""
    return DateOrder.DAY_FIRST if any(map(_HEBREW_RUN.search, header)) else None


def _check_count(count: int) -> None:
    if count > MAX_ROWS:
        detail = Message(
            "These are {count} posts; at most {most} are checked at once. Send them in parts.",
            count=count,
            most=MAX_ROWS,
        )
        raise InvalidInput([FieldError("", detail)])


def decode_calendar(content: bytes) -> str:
    """The text of a CSV file in UTF-8, UTF-16 or the Hebrew code page of Windows. Raises MalformedInput."""
    if content.startswith(_SPREADSHEETS):
        raise MalformedInput(Message("This is a spreadsheet, not CSV. Save it as CSV (in Excel: CSV UTF-8)."))
    encoding = next((name for mark, name in _UNICODE if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8" or (text := _as_windows_hebrew(content)) is None:
            raise MalformedInput(_NOT_UTF8) from error
        return text


def _as_windows_hebrew(content: bytes) -> str | None:
    """The text in code page 1255, if it is Hebrew: its letters stand together, not within Latin words."""
    try:
        text = content.decode("cp1255")
    except UnicodeDecodeError:
        return None
    letters = sum("א" <= character <= "ת" for character in text)
    in_words = sum(len(run) for run in _HEBREW_RUN.findall(text))
    return text if letters and in_words >= 0.8 * letters else None


class _Record(NamedTuple):
    """The cells of a row, its number and its first line, both from 1."""

    cells: list[str]
    number: int
    line: int


def _records(text: str) -> Iterator[_Record]:
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
            yield _Record(cells, number, line)
        line = reader.line_num + 1 + skipped


def _delimiter(text: str) -> str:
    """The character that separates most cells of the first line, outside quotes."""
    first = re.sub(r'"[^"]*"', "", text.lstrip("\r\n").split("\n", 1)[0])
    counts = Counter(character for character in first if character in _DELIMITERS)
    return max(_DELIMITERS, key=lambda character: counts[character])


def _cell(record: _Record, column: Column) -> str:
    cells = [record.cells[place].strip() for place in column.places if place < len(record.cells)]
    return " ".join(filter(None, cells))


class _RowReader:
    """Reads the rows of a file of which the columns, the zone and the order of dates are known."""

    def __init__(
        self,
        width: int,
        columns: Mapping[str, Column],
        zone: tzinfo,
        order: DateOrder | None,
        today: date,
    ) -> None:
        self._width, self._columns = width, columns
        self._zone, self._order, self._today = zone, order, today

    def read(self, record: _Record) -> CalendarRow:
        """A row as the data of a draft, without what its cells leave empty."""
        texts = {name: _cell(record, column) for name, column in self._columns.items()}
        data: dict[str, Any] = {name: text for name, text in texts.items() if text}
        # A draft is checked as it will be published, with the space around it.
        places = [place for place in self._columns["text"].places if place < len(record.cells)]
        data["text"] = " ".join(record.cells[place] for place in places)
        row = CalendarRow(record.number, data, line=record.line, cells=tuple(record.cells))
        if any(cell.strip() for cell in record.cells[self._width :]):
            detail = Message(
                "The row has {count} cells, the header {width}: put texts in quotes.",
                count=len(record.cells),
                width=self._width,
            )
            row = row._replace(errors=(FieldError("", detail),))
        if "scheduled_at" in data:
            row = self._with_schedule(row, data)
        _read_lists(data)
        self._drop_unknown(data, "kind", _KINDS.__contains__)
        self._drop_unknown(data, "language", _is_language)
        return row

    def _with_schedule(self, row: CalendarRow, data: dict[str, Any]) -> CalendarRow:
        """A row whose time is read, or left out of its data if it cannot be."""
        try:
            schedule = parse_schedule(data["scheduled_at"], self._zone, self._order, self._today)
        except AmbiguousDateError as error:
            problem = FieldError("/scheduled_at", message_of(error))
            return row._replace(errors=(*row.errors, problem), ambiguous_date=error.date)
        except ValueError as error:
            del data["scheduled_at"]
            note = FieldError("/scheduled_at", joined([message_of(error), _WITHOUT_DAY]))
            return row._replace(notes=(note,))
        data["scheduled_at"] = schedule.at.isoformat()
        notes = tuple(FieldError("/scheduled_at", note) for note in schedule.notes)
        return row._replace(has_time=schedule.has_time, notes=notes)

    def _drop_unknown(self, data: dict[str, Any], name: str, is_known: Callable[[str], bool]) -> None:
        """Leave out what no check knows, such as the kind "Carousel", of a column that nobody named."""
        if name in data and self._columns[name].guessed:
            data[name] = data[name].lower()
            if not is_known(data[name]):
                del data[name]


def _read_lists(data: dict[str, Any]) -> None:
    if "audience_countries" in data:
        codes = _LIST_SEPARATOR.split(data["audience_countries"].upper())
        data["audience_countries"] = [code for code in codes if code]
    if "links" in data:
        data["links"] = data["links"].split()


def _is_language(tag: str) -> bool:
    try:
        canonical_language(tag)
    except ValidationError:
        return False
    return True
