"""Read content calendars: CSV as spreadsheets and planning tools write it, or JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from kb.domain.countries import read_countries
from kb.domain.date_reading import DateReading, read_order
from kb.domain.time_zones import ZoneReading, only_zone
from kb.errors import FieldError, InvalidInput, MalformedInput
from kb.messages import Message
from kb.pauses import in_pieces, no_pause
from kb.services.check.calendars.columns import find_columns
from kb.services.check.calendars.header import is_moment, with_header
from kb.services.check.calendars.heading_remarks import is_universal, order_in
from kb.services.check.calendars.records import read_records
from kb.services.check.calendars.rows import CalendarRow, RowReader, cell_of
from kb.services.infrastructure.csv_reading import usual_date_order

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date, tzinfo

    from kb.domain.written_times import DateOrder
    from kb.pauses import Pause
    from kb.services.check.calendars.columns import Column
    from kb.services.infrastructure.csv_reading import Record

MAX_ROWS = 5_000
"""How many posts a calendar may have."""

MAX_COLUMNS = 16_384
"""How many columns a calendar may have, the limit of spreadsheets."""

_UTC = ZoneInfo("UTC")
"""Not `datetime.UTC`, which is the zone of a time written with the offset Z."""


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


def read_csv(
    content: bytes,
    calendar_format: CalendarFormat,
    numbers: Collection[int] | None = None,
    pause: Pause = no_pause,
) -> CalendarFile:
    """Read a CSV file with a header, which may follow a title. Empty rows are left out.

    `numbers` limits the rows that are read; `pause` is called after each. Raises MalformedInput for a file of
    another kind or without posts, InvalidInput for columns that cannot be identified.
    """
    records = read_records(content)
    _check_width(records)
    header, *posts = with_header(records, calendar_format.columns, headless=calendar_format.headless)
    _check_count(len(posts))
    columns = find_columns(header.cells, calendar_format.columns)
    now = datetime.now(UTC)
    posts = [
        post for post in posts if not _is_heading(post, header, columns, calendar_format.today or now.date())
    ]
    if not posts:
        raise MalformedInput(Message("The calendar has no posts. Add a row for each post below the header."))
    times_column = columns.get("scheduled_at")
    headings = [header.cells[index] for index in times_column.indexes] if times_column is not None else []
    zone = _zone_of(posts, columns, headings, calendar_format, now)
    today = calendar_format.today or now.astimezone(zone.zone).date()
    times = [cell_of(post, times_column) for post in posts] if times_column is not None else []
    order, dates = read_order(
        times,
        asked=calendar_format.order,
        heading=order_in(headings),
        headings=usual_date_order(header.cells),
        today=today,
    )
    reader = RowReader(
        header.cells, columns, calendar_format.countries, zone=zone.zone, order=order, today=today
    )
    if dates is not None:
        index = next(index for index, time in enumerate(times) if dates.text in time)
        reader.note_reading(posts[index].number, dates)
    # Count before reading: many text columns make many posts of a few rows.
    _check_count(sum(max(len(reader.texts(post)), 1) for post in posts))
    read = (
        reader.read(post) for post in in_pieces(posts, pause) if numbers is None or post.number in numbers
    )
    rows = [*chain.from_iterable(read)]
    shown_zone = zone if reader.has_read_in_zone else None
    return CalendarFile(header.cells, rows, dates, shown_zone, times_column is not None)


def _zone_of(
    posts: Iterable[Record],
    columns: Mapping[str, Column],
    headings: Sequence[str],
    calendar_format: CalendarFormat,
    now: datetime,
) -> ZoneReading:
    """The zone of times without an offset, whose columns have some headings."""
    if calendar_format.time_zone is not None:
        return ZoneReading(calendar_format.time_zone, "request")
    if is_universal(headings):
        return ZoneReading(_UTC, "heading")
    column = columns.get("audience_countries")
    texts = {cell_of(post, column) if column is not None else "" for post in posts}
    countries = {country for text in texts for country in read_countries(text)[0]}
    if "" in texts:
        countries |= {*calendar_format.countries}
    if (zone := only_zone(countries, now)) is not None:
        return ZoneReading(zone, "country")
    return ZoneReading(calendar_format.reader_zone, "reader")


def _is_heading(record: Record, header: Record, columns: Mapping[str, Column], today: date) -> bool:
    """Whether a row is a heading instead of a post: a repeated header, or a lone name of a week or group."""
    if record.cells == header.cells:
        return True
    filled = [index for index, cell in enumerate(record.cells) if cell.strip()]
    if len(header.cells) < 3 or len(filled) != 1:
        return False
    names = [name for name, column in columns.items() if filled[0] in column.indexes]
    return not names or (names == ["scheduled_at"] and not is_moment(record.cells[filled[0]], today))


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
