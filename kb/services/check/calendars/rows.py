"""Read the posts of a row of a CSV calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from marshmallow import ValidationError

from kb.domain.countries import read_countries
from kb.domain.date_reading import DateReading, reading_note
from kb.domain.draft import DraftKind
from kb.domain.text import is_blank
from kb.domain.written_times import AmbiguousDateError, DateOrder, parse_schedule
from kb.errors import FieldError
from kb.messages import Message, joined, message_of
from kb.schemas.check_input import DraftCheckInputSchema
from kb.schemas.language_tags import is_language
from kb.services.check.calendars.link_cells import read_links

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date, tzinfo

    from kb.services.check.calendars.columns import Column
    from kb.services.infrastructure.csv_reading import Record

_WITHOUT_DAY = Message("The post was checked without a day.")
_KINDS = frozenset(DraftKind)
_SCHEMA = DraftCheckInputSchema()


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


def invalid_row(row: CalendarRow, errors: Sequence[FieldError] = ()) -> dict[str, Any]:
    """The result of a row that cannot be checked: the errors of the row and of its draft."""
    found = [*row.errors, *errors]
    return {
        "row": row.number,
        "column": row.column,
        "platform": None,
        "scheduled_at": None,
        "verdict": None,
        "findings": [],
        "suppressed": [],
        "precedents": [],
        "clashes": [],
        "notes": [],
        "error": {"detail": joined(map(_named, found)), "errors": row_notes(found)},
    }


def row_notes(notes: Iterable[FieldError]) -> list[dict[str, str]]:
    """Notes on the fields of a row, in JSON form."""
    return [{"pointer": note.pointer, "detail": note.detail} for note in notes]


def _named(error: FieldError) -> Message:
    """An error, prefixed with the name of its field."""
    name = error.pointer.strip("/").replace("/", ".")
    return joined([name, error.detail], ": ") if name else error.detail


def cell_of(record: Record, column: Column) -> str:
    """The text of a column in a row, empty if the row is too short."""
    cells = [record.cells[index].strip() for index in column.indexes if index < len(record.cells)]
    return " ".join(filter(None, cells))


class RowReader:
    """Reads the rows of a file once its columns, zone and order of dates are known."""

    def __init__(
        self,
        header: Sequence[str],
        columns: Mapping[str, Column],
        countries: Sequence[str],
        *,
        zone: tzinfo,
        order: DateOrder | None,
        today: date,
    ) -> None:
        self._header, self._columns, self._countries = header, columns, countries
        self._zone, self._order, self._today = zone, order, today
        self.has_read_in_zone = False
        self._readings: dict[int, Message] = {}
        self._readable: dict[tuple[str, object], bool] = {}

    def note_reading(self, number: int, reading: DateReading) -> None:
        """Note at the row of an ambiguous date how it was read, unless the request set the order."""
        if (note := reading_note(reading)) is not None:
            self._readings[number] = note

    def texts(self, record: Record) -> list[tuple[int, str]]:
        """The indexes of the texts of a row, each with the platform in its heading, if any."""
        column = self._columns["text"]
        return [
            (index, platform)
            for index, platform in zip(column.indexes, column.platforms, strict=False)
            if index < len(record.cells) and not is_blank(record.cells[index])
        ]

    def read(self, record: Record) -> list[CalendarRow]:
        """Read the posts of a row: one, or one for each platform that has a text."""
        texts = self.texts(record)
        if not texts:
            return [self._read(record, self._columns["text"].indexes)]
        return [
            self._read(record, (index,), platform)._replace(
                column=self._header[index], variant=number if len(texts) > 1 else 0
            )
            for number, (index, platform) in enumerate(texts, 1)
        ]

    def _read(self, record: Record, indexes: Sequence[int], platform: str = "") -> CalendarRow:
        """Read a row as the data of a draft: the text of some cells, and the fields that are not empty."""
        others = ((name, cell_of(record, column)) for name, column in self._columns.items() if name != "text")
        data: dict[str, Any] = {name: text for name, text in others if text}
        if platform:
            data["platform"] = platform
        # Keep surrounding space: a draft is checked as it will be published.
        data["text"] = " ".join(record.cells[index] for index in indexes if index < len(record.cells))
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
        if self._countries and not data.get("audience_countries"):
            data["audience_countries"] = [*self._countries]
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
        unread: dict[str, Any] = {}
        if "audience_countries" in data:
            data["audience_countries"], names = read_countries(data["audience_countries"])
            unread = {"audience_countries": names} if names else {}
        if "links" in data:
            data["links"], words = read_links(data["links"])
            unread |= {"links": words} if words else {}
            if not data["links"]:
                del data["links"]
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
