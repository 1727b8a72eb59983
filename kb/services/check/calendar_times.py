"""Dates and times as calendar tools and spreadsheets write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from kb.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import tzinfo

NOON = time(12)
"""The time of a post of which only the day is known: midnight would make it one of the night before."""


class DateOrder(StrEnum):
    """Whether the day or the month comes first in a date such as 03/04/2027."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


class Schedule(NamedTuple):
    """When a post is to be published, with a zone; `has_time` is False where only the day is known."""

    at: datetime
    has_time: bool


_ENGLISH_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_HEBREW_MONTHS = "ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר".split()
_MONTHS: Mapping[str, int] = {
    **{name: number for number, name in enumerate(_ENGLISH_MONTHS, 1)},
    **{name: number for number, name in enumerate(_HEBREW_MONTHS, 1)},
    "מרס": 3,
}
_MONTH = "(?P<name>[A-Za-z]{3,9}|[א-ת]{3,8})"

_ISO = re.compile(r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})")
_NUMERIC = re.compile(r"(?P<first>\d{1,2})(?P<sign>[./-])(?P<second>\d{1,2})(?P=sign)(?P<year>\d{4}|\d{2})")
_DAY_AND_MONTH = re.compile(
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s.-]+ב?{_MONTH}\.?,?[\s-]+(?P<year>\d{{4}}|\d{{2}})"
)
_MONTH_AND_DAY = re.compile(rf"{_MONTH}\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})")
_WEEKDAY = re.compile(r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?|יום\s+[א-ת]+'?|שבת),?\s+", re.IGNORECASE)
_TIME = re.compile(
    r"(?:[Tt]|[\s,]*(?:at\s+|בשעה\s+|-\s+)?)"
    r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?(?::(?P<second>\d{2})(?:\.\d+)?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
    r"\s*(?P<zone>[Zz]|UTC|GMT|[+-]\d{2}:?\d{2})?\Z"
)

_FIRST_YEAR, _LAST_YEAR = 1970, 2199

_HELP = Message("Write a date and time such as 2027-09-11 09:00, with or without an offset such as +02:00.")
_AMBIGUOUS = Message(
    "{text!r} can be read in two ways: say with date_order (--date-order) which comes first, dmy or mdy."
)


def parse_schedule(text: str, zone: tzinfo, order: DateOrder | None) -> Schedule:
    """The date and time of a post; without an offset they are in `zone`, and a day alone means its noon.

    Raises ValueError, with what to write, for anything else, and for 03/04/2027 where the order is unknown.
    """
    plain = " ".join(text.split())
    weekday = _WEEKDAY.match(plain)
    day, rest = _read_day(plain[weekday.end() :] if weekday else plain, order)
    if not rest.strip():
        return Schedule(datetime.combine(day, NOON, zone), has_time=False)
    match = _TIME.match(rest)
    if match is None or (match["minute"] is None and match["half"] is None):
        raise ValueError(Message("{text!r} is not a date and time. {help}", text=text, help=_HELP))
    return Schedule(datetime.combine(day, _clock(match), _offset(match["zone"]) or zone), has_time=True)


def date_order(texts: Iterable[str]) -> DateOrder | None:
    """The order of day and month that the dates of a file have in common; None if they do not tell."""
    orders = set()
    for text in texts:
        if (match := _NUMERIC.search(text)) is not None:
            first, second = int(match["first"]), int(match["second"])
            if first > 12 >= second:
                orders.add(DateOrder.DAY_FIRST)
            elif second > 12 >= first:
                orders.add(DateOrder.MONTH_FIRST)
    return orders.pop() if len(orders) == 1 else None


def _read_day(text: str, order: DateOrder | None) -> tuple[date, str]:
    """The day that a text begins with, and the rest of the text."""
    for pattern in (_ISO, _NUMERIC, _DAY_AND_MONTH, _MONTH_AND_DAY):
        if (match := pattern.match(text)) is not None:
            break
    else:
        raise ValueError(Message("{text!r} is not a date and time. {help}", text=text, help=_HELP))
    try:
        day = _numeric_day(match, order) if pattern is _NUMERIC else _day_of(match)
    except (ValueError, KeyError) as error:
        if isinstance(error, _AmbiguousDateError):
            raise
        raise ValueError(
            Message("{text!r} is no day of the calendar. {help}", text=match.group(), help=_HELP)
        ) from error
    return day, text[match.end() :]


class _AmbiguousDateError(ValueError):
    """A date that can be read in two ways."""


def _numeric_day(match: re.Match[str], order: DateOrder | None) -> date:
    first, second = int(match["first"]), int(match["second"])
    if match["sign"] == ".":
        order = DateOrder.DAY_FIRST  # wherever dates are written with periods
    if order is None and first != second and max(first, second) <= 12:
        raise _AmbiguousDateError(_AMBIGUOUS.format(text=match.group()))
    is_month_first = second > 12 if order is None else order is DateOrder.MONTH_FIRST
    month, day = (first, second) if is_month_first else (second, first)
    return date(_year(match["year"]), month, day)


def _day_of(match: re.Match[str]) -> date:
    groups = match.groupdict()
    name = groups.get("name")
    month = int(groups["month"]) if name is None else _MONTHS[name[:3].lower() if name.isascii() else name]
    return date(_year(groups["year"]), month, int(groups["day"]))


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
    if text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    sign = -1 if text[0] == "-" else 1
    hours, minutes = int(text[1:3]), int(text[-2:])
    if hours > 23 or minutes > 59:
        raise ValueError(f"{text!r} is no offset from UTC. {_HELP}")
    return timezone(sign * timedelta(hours=hours, minutes=minutes))
