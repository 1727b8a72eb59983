"""Read content calendars: CSV as spreadsheets and planning tools write it, or JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from marshmallow import ValidationError

from kb.domain.country_names import read_countries
from kb.domain.date_reading import DateReading, ambiguous_date, reading_note
from kb.domain.draft import DraftKind
from kb.domain.text import is_blank
from kb.domain.time_zones import ZoneReading, only_zone
from kb.domain.written_times import AmbiguousDateError, DateOrder, date_order, parse_schedule
from kb.errors import FieldError, InvalidInput, MalformedInput
from kb.messages import Message, joined, message_of
from kb.schemas.check_input import DraftCheckInputSchema
from kb.schemas.language_tags import is_language
from kb.services.check.calendars.columns import find_columns
from kb.services.check.calendars.header import is_moment, with_header
from kb.services.check.calendars.records import read_records
from kb.services.infrastructure.csv_reading import HEBREW_RUN

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date, tzinfo

    from kb.services.check.calendars.columns import Column
    from kb.services.infrastructure.csv_reading import Record

MAX_ROWS = 5_000
"""How many posts a calendar may have."""

MAX_COLUMNS = 16_384
"""How many columns a calendar may have, the limit of spreadsheets."""

_UTC = ZoneInfo("UTC")
"""A zone other than that of a time with the offset Z."""

_WITHOUT_DAY = Message("The post was checked without a day.")
_KINDS = frozenset(DraftKind)
_SCHEMA = DraftCheckInputSchema()


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarFormat:
    """How to read a CSV calendar: the column of each field, the zone of times without an offset, and whether
    the day or the month comes first in 03/04/2027; by default, this is detected from the file.

    The zone is detected if all posts are for one country, and that has one zone; else it is `reader_zone`.
    A day without a year is the next such day from `today` on, by default the current day in that zone.
    With `headless`, the first row is a post, and columns are named by letters, as in a spreadsheet.
    `countries` is the default audience of posts that name none.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    time_zone: tzinfo | None = None
    reader_zone: tzinfo = _UTC
    order: DateOrder | None = None
    today: date | None = None
    headless: bool = False
    countries: Sequence[str] = ()


class CalendarRow(NamedTuple):
    """A post of a calendar as the data of a draft, with its errors.

    `number` is the row number in a spreadsheet, whose header is row 1; in JSON, the first post is number 1.
    `line` is the first line of the row in its file; `has_time` is False if only the day of publication is
    known. `notes` say what was assumed or left out, `cells` are the raw cells of the row, `ambiguous_date`
    is a date with two readings, which is also an error. If a row has several posts, `column` is the heading
    of the text, and `variant` counts them from 1.
    """

    number: int
    data: Any
    errors: tuple[FieldError, ...] = ()
    has_time: bool = True
    line: int = 1
    notes: tuple[FieldError, ...] = ()
    cells: tuple[str, ...] = ()
    ambiguous_date: str | None = None
    column: str | None = None
    variant: int = 0

    @property
    def key(self) -> str:
        """Identifies a post in its file: the number of the row, and of the post if the row has several."""
        return f"{self.number}.{self.variant}" if self.variant else str(self.number)


class CalendarFile(NamedTuple):
    """The column names of a file, its posts, how dates with two readings were read, if any, the zone of times
    without an offset, if there is one in these posts, and whether any column was taken for the day.
    """

    header: tuple[str, ...]
    rows: list[CalendarRow]
    dates: DateReading | None = None
    zone: ZoneReading | None = None
    has_day_column: bool = True


def json_rows(values: Any) -> list[CalendarRow]:
    """The posts of a JSON array. Raises MalformedInput for an array without posts, as for such a file, and
    InvalidInput for anything but an array, and for too many posts.
    """
    if not isinstance(values, list):
        raise InvalidInput([FieldError("", Message('Send an array of drafts: [{"text": ...}, ...]'))])
    if not values:
        raise MalformedInput(
            Message('The calendar has no posts. Send a draft for each post: [{"text": ...}, ...]')
        )
    _check_count(len(values))
    return [CalendarRow(number, value) for number, value in enumerate(values, 1)]


def read_csv(content: bytes, form: CalendarFormat, numbers: Collection[int] | None = None) -> CalendarFile:
    """Read a CSV file with a header, which may follow a title. Empty rows are left out.

    `numbers` limits the rows that are read. Raises MalformedInput for a file of another kind or without
    posts, InvalidInput for columns that cannot be identified.
    """
    records = read_records(content)
    _check_width(records)
    header, *posts = with_header(records, form.columns, headless=form.headless)
    _check_count(len(posts))
    columns = find_columns(header.cells, form.columns)
    now = datetime.now(UTC)
    posts = [post for post in posts if not _is_heading(post, header, columns, form.today or now.date())]
    if not posts:
        raise MalformedInput(Message("The calendar has no posts. Add a row for each post below the header."))
    zone = _zone_of(posts, columns, form, now)
    today = form.today or now.astimezone(zone.zone).date()
    times = [_cell(post, columns["scheduled_at"]) for post in posts] if "scheduled_at" in columns else []
    order, dates = _date_order(times, header.cells, form.order, today)
    reader = _RowReader(header.cells, columns, form, zone=zone.zone, order=order, today=today)
    if dates is not None:
        place = next(place for place, time in enumerate(times) if dates.text in time)
        reader.note_reading(posts[place].number, dates)
    # Count before reading: many text columns make many posts of a few rows.
    _check_count(sum(max(len(reader.texts(post)), 1) for post in posts))
    read = (reader.read(post) for post in posts if numbers is None or post.number in numbers)
    rows = [*chain.from_iterable(read)]
    shown_zone = zone if reader.has_read_in_zone else None
    return CalendarFile(header.cells, rows, dates, shown_zone, "scheduled_at" in columns)


def _zone_of(
    posts: Iterable[Record], columns: Mapping[str, Column], form: CalendarFormat, now: datetime
) -> ZoneReading:
    """The zone of times without an offset."""
    if form.time_zone is not None:
        return ZoneReading(form.time_zone, "request")
    column = columns.get("audience_countries")
    texts = {_cell(post, column) if column is not None else "" for post in posts}
    countries = {country for text in texts for country in read_countries(text)[0]}
    if "" in texts:
        countries |= {*form.countries}
    if (zone := only_zone(countries, now)) is not None:
        return ZoneReading(zone, "country")
    return ZoneReading(form.reader_zone, "reader")


def _is_heading(record: Record, header: Record, columns: Mapping[str, Column], today: date) -> bool:
    """Whether a row is a heading instead of a post: a repeated header, or a lone name of a week or group."""
    if record.cells == header.cells:
        return True
    filled = [place for place, cell in enumerate(record.cells) if cell.strip()]
    if len(header.cells) < 3 or len(filled) != 1:
        return False
    names = [name for name, column in columns.items() if filled[0] in column.places]
    return not names or (names == ["scheduled_at"] and not is_moment(record.cells[filled[0]], today))


def _date_order(
    times: Sequence[str], header: Sequence[str], asked: DateOrder | None, today: date
) -> tuple[DateOrder | None, DateReading | None]:
    """The order of day and month, and how the first date with two readings was read."""
    detected = date_order(times)
    order = asked or detected or _usual_order(header)
    text = ambiguous_date(times)
    if order is None or text is None:
        return order, None
    try:
        day = parse_schedule(text, UTC, order, today).at.date()
    except ValueError:  # a year out of range
        return order, None
    return order, DateReading(order, "request" if asked else "dates" if detected else "headings", text, day)


def _usual_order(header: Sequence[str]) -> DateOrder | None:
    """The order of day and month if the language of a header has only one: Hebrew."""
    return DateOrder.DAY_FIRST if any(map(HEBREW_RUN.search, header)) else None


def _check_count(count: int) -> None:
    if count > MAX_ROWS:
        detail = Message(
            "These are {count} posts; at most {most} are checked at once. Send them in parts.",
            count=count,
            most=MAX_ROWS,
        )
        raise InvalidInput([FieldError("", detail)])


def _check_width(records: Iterable[Record]) -> None:
    width = max((len(record.cells) for record in records), default=0)
    if width > MAX_COLUMNS:
        detail = Message(
            "The file has {count:,} columns; at most {most:,} are read.", count=width, most=MAX_COLUMNS
        )
        raise InvalidInput([FieldError("", detail)])


def _cell(record: Record, column: Column) -> str:
    cells = [record.cells[place].strip() for place in column.places if place < len(record.cells)]
    return " ".join(filter(None, cells))


class _RowReader:
    """Reads the rows of a file once its columns, zone and order of dates are known."""

    def __init__(
        self,
        header: Sequence[str],
        columns: Mapping[str, Column],
        form: CalendarFormat,
        *,
        zone: tzinfo,
        order: DateOrder | None,
        today: date,
    ) -> None:
        self._header, self._columns, self._form = header, columns, form
        self._zone, self._order, self._today = zone, order, today
        self.has_read_in_zone = False
        self._readings: dict[int, Message] = {}
        self._readable: dict[tuple[str, object], bool] = {}

    def note_reading(self, number: int, reading: DateReading) -> None:
        """Note at the row of an ambiguous date how it was read, unless the request set the order."""
        if (note := reading_note(reading)) is not None:
            self._readings[number] = note

    def texts(self, record: Record) -> list[tuple[int, str]]:
        """The places of the texts of a row, each with the platform in its heading, if any."""
        column = self._columns["text"]
        return [
            (place, platform)
            for place, platform in zip(column.places, column.platforms, strict=False)
            if place < len(record.cells) and not is_blank(record.cells[place])
        ]

    def read(self, record: Record) -> list[CalendarRow]:
        """Read the posts of a row: one, or one for each platform that has a text."""
        texts = self.texts(record)
        if not texts:
            return [self._read(record, self._columns["text"].places)]
        return [
            self._read(record, (place,), platform)._replace(
                column=self._header[place], variant=number if len(texts) > 1 else 0
            )
            for number, (place, platform) in enumerate(texts, 1)
        ]

    def _read(self, record: Record, places: Sequence[int], platform: str = "") -> CalendarRow:
        """Read a row as the data of a draft: the text of some cells, and the fields that are not empty."""
        others = ((name, _cell(record, column)) for name, column in self._columns.items() if name != "text")
        data: dict[str, Any] = {name: text for name, text in others if text}
        if platform:
            data["platform"] = platform
        # Keep surrounding space: a draft is checked as it will be published.
        data["text"] = " ".join(record.cells[place] for place in places if place < len(record.cells))
        row = CalendarRow(record.number, data, line=record.line, cells=record.cells)
        width = len(self._header)
        if any(cell.strip() for cell in record.cells[width:]):
            detail = Message(
                "The row has {count} cells, the header {width}: put texts in quotes.",
                count=len(record.cells),
                width=width,
            )
            row = row._replace(errors=(FieldError("", detail),))
        elif is_blank(data["text"]):
            row = row._replace(errors=(FieldError("", Message("There is no text in this row.")),))
        if "scheduled_at" in data:
            row = self._with_schedule(row, data)
        self._drop_unknown(data, "kind", _KINDS.__contains__)
        self._drop_unknown(data, "language", is_language)
        notes = (*row.notes, *self._drop_unread(data))
        if self._form.countries and not data.get("audience_countries"):
            data["audience_countries"] = [*self._form.countries]
        return row._replace(notes=notes)

    def _with_schedule(self, row: CalendarRow, data: dict[str, Any]) -> CalendarRow:
        """Read the time of a row; a time that cannot be read is removed from the data."""
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
        self.has_read_in_zone = self.has_read_in_zone or schedule.at.tzinfo is self._zone
        data["scheduled_at"] = schedule.at.isoformat()
        messages = [*schedule.notes, *filter(None, [self._readings.get(row.number)])]
        notes = tuple(FieldError("/scheduled_at", message) for message in messages)
        return row._replace(has_time=schedule.has_time, notes=notes)

    def _drop_unknown(self, data: dict[str, Any], name: str, is_known: Callable[[str], bool]) -> None:
        """Drop an unknown value, such as the kind "Carousel", of a column that the request did not name."""
        if name in data and self._columns[name].guessed:
            data[name] = data[name].lower()
            if not is_known(data[name]):
                del data[name]

    def _drop_unread(self, data: dict[str, Any]) -> Iterator[FieldError]:
        """Read lists, and drop values that a check would refuse; yield a note for each."""
        unread = {}
        if "audience_countries" in data:
            data["audience_countries"], names = read_countries(data["audience_countries"])
            unread = {"audience_countries": names} if names else {}
        if "links" in data:
            data["links"] = data["links"].split()
        for name in sorted(
            name for name in data if name != "text" and not self._can_be_read(name, data[name])
        ):
            unread[name] = data.pop(name)
        for name, value in unread.items():
            shown = ", ".join(value) if isinstance(value, list) else value
            yield FieldError(
                f"/{name}",
                Message("{value!r} was not understood: the post was checked without it.", value=shown[:100]),
            )

    def _can_be_read(self, name: str, value: Any) -> bool:
        """Whether a check accepts a value of a field; memoized, since rows mostly repeat values."""
        key = name, tuple(value) if isinstance(value, list) else value
        if key not in self._readable:
            try:
                _SCHEMA.fields[name].deserialize(value)
                self._readable[key] = True
            except ValidationError:
                self._readable[key] = False
        return self._readable[key]
