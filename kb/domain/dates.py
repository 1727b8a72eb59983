"""Partial dates: precise to a day, a month or a year, or unknown."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from kb.messages import Message

if TYPE_CHECKING:
    from collections.abc import Mapping

MIN_YEAR = 1800

_PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")
_DATE_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)"
    r"(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?",
    re.IGNORECASE,
)
_SPACE_FOR_PLUS = re.compile(r" (?=[0-9]{2}(?::?[0-9]{2})?$)")
_MILLISECONDS = re.compile(r"0|-?[0-9]{11,14}")
_SECONDS = re.compile(r"-?[0-9]{9,10}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class DatePrecision(StrEnum):
    """The precision of a date."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    UNKNOWN = "unknown"


KNOWN_PRECISIONS = (DatePrecision.DAY, DatePrecision.MONTH, DatePrecision.YEAR)


class PartialDate(NamedTuple):
    """The first possible day of a date, and its precision."""

    first: date
    precision: DatePrecision

    @property
    def last(self) -> date:
        """The last possible day."""
        if self.precision is DatePrecision.DAY:
            return self.first
        if self.precision is DatePrecision.MONTH:
            return self.first.replace(day=monthrange(self.first.year, self.first.month)[1])
        if self.precision is DatePrecision.YEAR:
            return self.first.replace(month=12, day=31)
        return date.max

    def at(self, precision: DatePrecision) -> PartialDate:
        """The date reduced to a lower precision. `first` moves to the start of the period."""
        first = self.first
        if precision is not DatePrecision.DAY:
            first = first.replace(day=1)
        if precision is DatePrecision.YEAR:
            first = first.replace(month=1)
        return PartialDate(first, precision)


_LENGTHS = {DatePrecision.DAY: len("2018-05-16"), DatePrecision.MONTH: len("2018-05"), DatePrecision.YEAR: 4}

UNKNOWN_DATE = PartialDate(date.min, DatePrecision.UNKNOWN)
"""An unknown date: any day is possible."""


def truncate_date(day: str, precision: str) -> str:
    """Cut a day in ISO 8601 to a known precision, so that `parse_partial_date` reads both from it.

    `2018-05-16` with `month` -> `2018-05`.
    """
    return day[: _LENGTHS[DatePrecision(precision)]]


def date_error(day: date) -> Message | None:
    """An error message for a date before MIN_YEAR or in the future, or None.

    A date counts as future only if it is in the future in every time zone.
    """
    if day.year < MIN_YEAR:
        return Message("The year must be {first} or later.", first=MIN_YEAR)
    if day > datetime.now(UTC).date() + timedelta(days=1):
        return Message("This date is in the future.")
    return None


def iso(moment: date | datetime | None) -> str | None:
    """Format a date, or a datetime in UTC, as ISO 8601. None stays None."""
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


MOMENTS = ("posted_at", "acknowledged_at", "removed_at")
"""The points in time of an incident: when it was posted, acknowledged and removed."""


def out_of_order(moments: Mapping[str, datetime | None]) -> str | None:
    """The name of the first time that is earlier than `posted_at`, or None."""
    posted = moments.get("posted_at")
    return next(
        (
            name
            for name in ("acknowledged_at", "removed_at")
            if posted and (moment := moments.get(name)) and moment < posted
        ),
        None,
    )


def parse_moment(text: str) -> datetime | None:
    """Parse `2018-05-16T10:00:00Z`, with any offset, or milliseconds since 1970, as a moment in UTC.

    A time without an offset is in UTC. Returns None for a text in any other form. Raises ValueError with a
    message for the user if there is no such moment.
    """
    if _MILLISECONDS.fullmatch(text):
        try:
            return _EPOCH + timedelta(milliseconds=int(text))
        except OverflowError as error:
            raise ValueError(
                Message("{text} milliseconds since 1970 are outside the calendar.", text=text)
            ) from error
    if _SECONDS.fullmatch(text):
        raise ValueError(
            Message("{text} looks like seconds since 1970. Send milliseconds: {text}000.", text=text)
        )
    # In a query string, an unencoded plus decodes to a space.
    match = _DATE_TIME.fullmatch(text) or _DATE_TIME.fullmatch(_SPACE_FOR_PLUS.sub("+", text))
    if match is None:
        return None
    day, clock, offset = match.groups()
    try:
        return datetime.fromisoformat(f"{day}T{clock}{(offset or 'Z').upper()}").astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(Message("{text} is not a date and time of the calendar.", text=text)) from error


_HINT = Message("Write the date as YYYY-MM-DD, YYYY-MM or YYYY.")


def parse_partial_date(text: str, hint: Message = _HINT) -> PartialDate:
    """Parse `2018`, `2018-05` or `2018-05-16`.

    Raises ValueError with a message for the user: `hint`, if the text has another form.
    """
    match = _PARTIAL_DATE.fullmatch(text)
    if match is None or not text.isascii():
        raise ValueError(hint)
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    if year < MIN_YEAR:
        raise ValueError(Message("The year must be {first} or later.", first=MIN_YEAR))
    try:
        first = date(year, 1 if month is None else month, 1 if day is None else day)
    except ValueError as error:
        raise ValueError(Message("{text} is not a calendar date.", text=text)) from error
    if day is not None:
        return PartialDate(first, DatePrecision.DAY)
    return PartialDate(first, DatePrecision.MONTH if month is not None else DatePrecision.YEAR)
