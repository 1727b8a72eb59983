"""Parse dates and times as calendar tools and spreadsheets write them."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from kb.domain.dates import DatePrecision, PartialDate
from kb.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import tzinfo

NOON = time(12)
"""The time assumed for a post if only the day is known: midnight would count as the night before."""


class DateOrder(StrEnum):
    """Whether the day or the month comes first in a date such as 03/04/2027."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


class Schedule(NamedTuple):
    """When a post is to be published, with a time zone; `has_time` is False if only the day is known.

    `notes` say what was assumed, such as the year, or the hour of "evening".
    """

    at: datetime
    has_time: bool
    notes: tuple[Message, ...] = ()


class AmbiguousDateError(ValueError):
    """A date is ambiguous; `date` is the date by itself, as written."""

    def __init__(self, text: str) -> None:
        super().__init__(_AMBIGUOUS.format(text=text))
        self.date = text


_MONTH_NAMES = (
    Message("January"), Message("February"), Message("March"), Message("April"), Message("May"),
    Message("June"), Message("July"), Message("August"), Message("September"), Message("October"),
    Message("November"), Message("December"),
)  # fmt: skip
_HEBREW_MONTHS = "ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר".split()
_MONTHS: Mapping[str, int] = {
    **{name.lower(): number for number, name in enumerate(_MONTH_NAMES, 1)},
    **{name[:3].lower(): number for number, name in enumerate(_MONTH_NAMES, 1)},
    **{name: number for number, name in enumerate(_HEBREW_MONTHS, 1)},
    "sept": 9,
    "מרס": 3,
}
_MONTH = rf"(?P<name>(?i:{'|'.join(sorted(_MONTHS, key=len, reverse=True))}))"
_YEAR = r"(?P<year>\d{4}|\d{2})(?![\d:])"

_ISO = re.compile(r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})")
NUMERIC_DATE = re.compile(
    r"(?<![\d./-])(?P<first>\d{1,2})(?P<sign>[./-])(?P<second>\d{1,2})"
    r"(?:(?P=sign)(?P<year>\d{4}|\d{2})(?!\d)|(?![\d:./-]))"
)
"""A numeric date; the day is either the first or the second number."""

_DAY_AND_MONTH = re.compile(
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s.-]+ב?{_MONTH}(?!\w)\.?(?:,?[\s-]+{_YEAR})?"
)
_MONTH_AND_DAY = re.compile(
    rf"{_MONTH}\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,?\s+(?P<year>\d{{4}}))?"
)
_WEEKDAY = re.compile(
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?|יום\s+[א-ת]+'?|ראשון|שני|שלישי|רביעי|חמישי|שישי|שבת),?\s+",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(?:[Tt]|[\s,]*(?:at\s+|בשעה\s+|-\s+)?)"
    r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?(?::(?P<second>\d{2})(?:\.\d+)?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
    r"\s*(?P<zone>[Zz]|UTC|GMT|[+-]\d{2}:?\d{2}|\((?:GMT|UTC)(?:[+-]\d{1,2}(?::\d{2})?)?\))?\Z"
)
_OFFSET = re.compile(r"(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?")
_SERIAL = re.compile(r"[3-9]\d{4}(?:\.\d+)?")
_SERIAL_DAY = re.compile(r"(?P<day>[3-9]\d{4})(?:\.0+)?(?=[\s,]+\S)")
_PART_OF_DAY = re.compile(r"0?\.(?:\d*[1-9]|0+)|0")
"""A time as spreadsheets write a cell without a format: 0.375 is nine. They write no zero at the end, so that
0.30 is the half hour of somebody who writes times with a period."""

_BARE_HOUR = re.compile(r"[\s,]+(?:0?[1-9]|1\d|2[0-3])")
"""An hour by itself, as in a column of hours. A zero is the midnight of a spreadsheet."""

_FIRST_SERIAL = datetime(1899, 12, 30)  # noqa: DTZ001 (cells have no time zone)
"""Day zero of spreadsheet serial dates: an unformatted cell counts days from here."""

_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_RANGE = re.compile(r"\s*(?:→|->|–|—)\s*")

_PARTS_OF_DAY: Mapping[str, int] = {
    **dict.fromkeys(("morning", "בבוקר", "בוקר"), 9),
    **dict.fromkeys(("noon", "midday", "lunch", "בצהריים", "צהריים", "בצהרים", "צהרים"), 12),
    **dict.fromkeys(("afternoon", "אחר הצהריים", 'אחה"צ', "אחהצ"), 15),
    **dict.fromkeys(("evening", "eve", "בערב", "ערב"), 20),
    **dict.fromkeys(("night", "tonight", "בלילה", "לילה"), 22),
}
"""The hour assumed for a part of the day, such as 20 for the evening."""

_FIRST_YEAR, _LAST_YEAR = 1970, 2199

_HELP = Message("Write a day such as 2027-09-11, or a day and time such as 2027-09-11 09:00.")
_AMBIGUOUS = Message(
    "{text!r} can be read in two ways: say with date_order (--date-order) which comes first, dmy or mdy."
)


def parse_schedule(text: str, zone: tzinfo, order: DateOrder | None, today: date | None = None) -> Schedule:
    """Parse the date and time of a post: in `zone` unless there is an offset, at noon if there is no time.

    A day without a year is the next such day from `today` on. Raises AmbiguousDateError for 03/04/2027 if the
    order is unknown, and ValueError, saying what to write, for anything else.
    """
    plain = " ".join(_MARKS.sub("", text).split())
    # A post with a time range appears at its start.
    plain = _RANGE.split(plain)[0] or plain
    if _SERIAL.fullmatch(plain):
        return _read_serial(plain, zone)
    weekday = _WEEKDAY.match(plain)
    day, rest, notes = _read_day(plain, weekday.end() if weekday else 0, order, today)
    if not rest.strip():
        return Schedule(datetime.combine(day, NOON, zone), has_time=False, notes=notes)
    part = rest.strip(" ,-").lower()
    clock = time(int(part)) if _BARE_HOUR.fullmatch(rest) else _part_of_day(part)
    if clock is not None:
        hour = clock.isoformat("minutes")
        read = Message("{part!r} was read as {time}.", part=part, time=hour)
        has_time = part not in _PARTS_OF_DAY
        return Schedule(datetime.combine(day, clock, zone), has_time, (*notes, read))
    match = _TIME.match(rest)
    if match is None or (match["minute"] is None and match["half"] is None):
        raise ValueError(Message("{text!r} is not a date and time. {help}", text=text, help=_HELP))
    at = datetime.combine(day, _clock(match), _offset(match["zone"]) or zone)
    return Schedule(at, has_time=True, notes=notes)


def _part_of_day(text: str) -> time | None:
    """The time that a word such as "evening" means, or a number of days below 1; None for others."""
    if text in _PARTS_OF_DAY:
        return time(_PARTS_OF_DAY[text])
    if _PART_OF_DAY.fullmatch(text):
        minutes = min(round(float(text) * 24 * 60), 24 * 60 - 1)
        return time(minutes // 60, minutes % 60)
    return None


def _read_serial(text: str, zone: tzinfo) -> Schedule:
    """Read a spreadsheet serial number, which counts days."""
    at = _FIRST_SERIAL + timedelta(minutes=round(float(text) * 24 * 60))
    has_time = at.time() != time(0)
    at = at if has_time else datetime.combine(at, NOON)
    shown = at.isoformat(" ", "minutes") if has_time else at.date().isoformat()
    note = Message("{text!r} was read as {day}.", text=text, day=shown)
    return Schedule(at.replace(tzinfo=zone), has_time, (note,))


def date_order(texts: Iterable[str]) -> DateOrder | None:
    """The order of day and month implied by all unambiguous dates of a file; None if unclear."""
    orders = set()
    for text in texts:
        if (match := NUMERIC_DATE.search(text)) is not None:
            first, second = int(match["first"]), int(match["second"])
            if first > 12 >= second:
                orders.add(DateOrder.DAY_FIRST)
            # With a period the day comes first, and 9.30 is a time.
            elif second > 12 >= first and match["sign"] != ".":
                orders.add(DateOrder.MONTH_FIRST)
    return orders.pop() if len(orders) == 1 else None


def _read_day(
    text: str, start: int, order: DateOrder | None, today: date | None
) -> tuple[date, str, tuple[Message, ...]]:
    """The day that a text has at a place, what follows it, and notes on the day."""
    if (match := _SERIAL_DAY.match(text)) is not None:
        day = (_FIRST_SERIAL + timedelta(days=int(match["day"]))).date()
        note = Message("{text!r} was read as {day}.", text=match.group(), day=day.isoformat())
        return day, text[match.end() :], (note,)
    for pattern in (_ISO, NUMERIC_DATE, _DAY_AND_MONTH, _MONTH_AND_DAY):
        match = pattern.match(text, start)
        if match is not None and (match["year"] is not None or today is not None):
            break
    else:
        raise ValueError(Message("{text!r} is not a date and time. {help}", text=text, help=_HELP))
    try:
        year = _year(match["year"]) if match["year"] else None
        month, number = _numeric(match, order) if pattern is NUMERIC_DATE else _named(match)
        date(2000, month, 1), date(2000, 1, number)  # raises for 31/31 and 0/0
    except ValueError as error:
        if isinstance(error, AmbiguousDateError):
            raise
        raise ValueError(
            Message("{text!r} is no day of the calendar. {help}", text=match.group(), help=_HELP)
        ) from error
    day = _next_day(month, number, today) if year is None and today else _day(year, month, number)
    assumed = Message("The year is not written: {text!r} was read as {day}.", text=match.group(), day=day)
    return day, text[match.end() :], () if year is not None else (assumed,)


def _numeric(match: re.Match[str], order: DateOrder | None) -> tuple[int, int]:
    """The month and the day."""
    first, second = int(match["first"]), int(match["second"])
    if match["sign"] == ".":
        order = DateOrder.DAY_FIRST  # dates with periods always have the day first
    if order is None and has_two_readings(first, second):
        raise AmbiguousDateError(match.group())
    is_month_first = second > 12 if order is None else order is DateOrder.MONTH_FIRST
    return (first, second) if is_month_first else (second, first)


def has_two_readings(first: int, second: int) -> bool:
    """Whether a date is ambiguous: the numbers differ, and either may be the month."""
    return first != second and min(first, second) > 0 and max(first, second) <= 12


def _named(match: re.Match[str]) -> tuple[int, int]:
    """The month, by name or number, and the day."""
    groups = match.groupdict()
    name = groups.get("name")
    return int(groups["month"]) if name is None else _MONTHS[name.lower()], int(groups["day"])


def _day(year: int | None, month: int, number: int) -> date:
    """The date; without a year, in some leap year. Raises ValueError if it does not exist."""
    try:
        return date(year or 2000, month, number)
    except ValueError as error:
        name = _MONTH_NAMES[month - 1]
        if (month, number) == (2, 29):
            detail = Message("February 29 does not exist in {year}.", year=year)
        else:
            detail = Message("{month} {day} does not exist.", day=number, month=name)
        raise ValueError(detail) from error


def _next_day(month: int, number: int, today: date) -> date:
    """The next date with this month and day, from today on."""
    _day(None, month, number)
    years = range(today.year, today.year + 9)
    days = (date(year, month, number) for year in years if number <= monthrange(year, month)[1])
    return next(day for day in days if day >= today)


def _year(digits: str) -> int:
    year = int(digits) + (2000 if len(digits) == 2 else 0)
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueError(year)
    return year


def _clock(match: re.Match[str]) -> time:
    hour = int(match["hour"])
    if match["half"] is not None:
        if not 1 <= hour <= 12:
            raise ValueError(_no_time(match))
        hour = hour % 12 + (12 if match["half"][0] in "Pp" else 0)
    try:
        return time(hour, int(match["minute"] or 0), int(match["second"] or 0))
    except ValueError as error:
        raise ValueError(_no_time(match)) from error


def _no_time(match: re.Match[str]) -> Message:
    return Message("{text!r} is no time of day. {help}", text=match.group().strip(), help=_HELP)


def _offset(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    match = _OFFSET.search(text)
    if match is None:
        return UTC
    sign = -1 if match["sign"] == "-" else 1
    hours, minutes = int(match["hours"]), int(match["minutes"] or 0)
    if hours > 23 or minutes > 59:
        raise ValueError(Message("{text!r} is no offset from UTC. {help}", text=text, help=_HELP))
    return timezone(sign * timedelta(hours=hours, minutes=minutes))


_MONTH_AND_YEAR = re.compile(rf"ב?{_MONTH}\.?,?[\s.-]+(?P<year>\d{{4}})")
_NUMERIC_MONTH = re.compile(r"(?P<month>\d{1,2})[/.-](?P<year>\d{4})")


def parse_month(text: str) -> PartialDate:
    """A month such as `03/2018`, `March 2018` or `מרץ 2018`. Raises ValueError for anything else."""
    plain = " ".join(_MARKS.sub("", text).split())
    if (match := _NUMERIC_MONTH.fullmatch(plain)) is not None:
        month = int(match["month"])
    elif (match := _MONTH_AND_YEAR.fullmatch(plain)) is not None:
        month = _MONTHS[match["name"].lower()]
    else:
        raise ValueError(text)
    return PartialDate(date(int(match["year"]), month, 1), DatePrecision.MONTH)
