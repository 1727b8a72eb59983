"""Content calendars: the posts of a CSV file, as spreadsheets and planning tools write it, or of JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from marshmallow import ValidationError

from kb.domain.draft import DraftKind
from kb.domain.text import is_blank
from kb.errors import FieldError, InvalidInput, MalformedInput
from kb.messages import Message, joined, message_of
from kb.schemas.check_input import DraftCheckInputSchema
from kb.schemas.fields import canonical_language
from kb.services.check.calendar_columns import find_columns
from kb.services.check.calendar_countries import read_countries
from kb.services.check.calendar_records import HEBREW_RUN, read_records
from kb.services.check.calendar_times import AmbiguousDateError, DateOrder, date_order, parse_schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date, tzinfo

    from kb.services.check.calendar_columns import Column
    from kb.services.check.calendar_records import Record

MAX_ROWS = 5_000
"""How many posts a calendar may have."""

_MAX_TITLE_ROWS = 5
"""How many rows may stand above the headings."""

_WITHOUT_DAY = Message("The post was checked without a day.")
_KINDS = frozenset(DraftKind)
_SCHEMA = DraftCheckInputSchema()


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


class CalendarFile(NamedTuple):
    """The names of the columns of a file, and its posts."""

    header: list[str]
    rows: list[CalendarRow]


def json_rows(values: Any) -> list[CalendarRow]:
    """The posts of a JSON array. Raises InvalidInput for anything else, and for too many of them."""
    if not isinstance(values, list):
        raise InvalidInput([FieldError("", Message('Send an array of drafts: [{"text": ...}, ...]'))])
    _check_count(len(values))
    return [CalendarRow(number, value) for number, value in enumerate(values, 1)]


def csv_rows(content: bytes, form: CalendarFormat) -> list[CalendarRow]:
    """The posts of a CSV file, as `read_csv` reads it."""
    return read_csv(content, form).rows


def read_csv(content: bytes, form: CalendarFormat) -> CalendarFile:
    """A CSV file with a header, which may follow a title. Empty rows are left out.

    Raises MalformedInput for a file of another kind, InvalidInput for columns that cannot be told.
    """
    records = _without_title(read_records(content), form.columns)
    if not records:
        raise MalformedInput(Message("The calendar is empty. Send a header row, and a row for each post."))
    header, *posts = records
    _check_count(len(posts))
    columns = find_columns(header.cells, form.columns)
    times = [_cell(post, columns["scheduled_at"]) for post in posts] if "scheduled_at" in columns else []
    order = form.order or date_order(times) or _usual_order(header.cells)
    today = form.today or datetime.now(form.time_zone).date()
    reader = _RowReader(len(header.cells), columns, form.time_zone, order, today)
    return CalendarFile(header.cells, [reader.read(post) for post in posts])


def _without_title(records: list[Record], mapping: Mapping[str, str]) -> list[Record]:
    """The records from the header on: the first, or a later one in which several columns are found."""
    for place, record in enumerate(records[: _MAX_TITLE_ROWS + 1]):
        try:
            columns = find_columns(record.cells, mapping)
        except InvalidInput:
            continue
        if place == 0 or len(columns) > 1:
            return records[place:]
    return records


def _usual_order(header: Sequence[str]) -> DateOrder | None:
    """The order of day and month where the language of a header has only one: Hebrew."""
    return DateOrder.DAY_FIRST if any(map(HEBREW_RUN.search, header)) else None


def _check_count(count: int) -> None:
    if count > MAX_ROWS:
        detail = Message(
            "These are {count} posts; at most {most} are checked at once. Send them in parts.",
            count=count,
            most=MAX_ROWS,
        )
        raise InvalidInput([FieldError("", detail)])


def _cell(record: Record, column: Column) -> str:
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

    def read(self, record: Record) -> CalendarRow:
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
        elif is_blank(data["text"]):
            row = row._replace(errors=(FieldError("", Message("There is no text in this row.")),))
        if "scheduled_at" in data:
            row = self._with_schedule(row, data)
        self._drop_unknown(data, "kind", _KINDS.__contains__)
        self._drop_unknown(data, "language", _is_language)
        return row._replace(notes=(*row.notes, *_drop_unread(data)))

    def _with_schedule(self, row: CalendarRow, data: dict[str, Any]) -> CalendarRow:
        """A row whose time is read, or left out of its data if it cannot be."""
        try:
            schedule = parse_schedule(data["scheduled_at"], self._zone, self._order, self._today)
        except AmbiguousDateError as error:
            del data["scheduled_at"]
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


def _drop_unread(data: dict[str, Any]) -> Iterator[FieldError]:
    """Read lists, and leave out what no check would take; the text is checked without it, with a note."""
    unread = {}
    if "audience_countries" in data:
        data["audience_countries"], names = read_countries(data["audience_countries"])
        unread = {"audience_countries": names} if names else {}
    if "links" in data:
        data["links"] = data["links"].split()
    for name in sorted(_SCHEMA.validate(data).keys() & data.keys() - {"text"}):
        unread[name] = data.pop(name)
    for name, value in unread.items():
        shown = ", ".join(value) if isinstance(value, list) else value
        yield FieldError(
            f"/{name}",
            Message("{value!r} was not understood: the post was checked without it.", value=shown[:100]),
        )


def _is_language(tag: str) -> bool:
    try:
        canonical_language(tag)
    except ValidationError:
        return False
    return True
