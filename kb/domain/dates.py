"""Dates that are only as precise as the facts: a day, a month, a year, or not known at all."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

EARLIEST_YEAR = 1800

_FORMS = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


class DatePrecision(StrEnum):
    """How much of a date is known."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    UNKNOWN = "unknown"


KNOWN_PRECISIONS = (DatePrecision.DAY, DatePrecision.MONTH, DatePrecision.YEAR)


class PartialDate(NamedTuple):
    """The first day that a date may mean, and how precise it is."""

    first: date
    precision: DatePrecision

    @property
    def last(self) -> date:
        """The last day that the date may mean."""
        if self.precision is DatePrecision.DAY:
            return self.first
        if self.precision is DatePrecision.MONTH:
            return self.first.replace(day=monthrange(self.first.year, self.first.month)[1])
        if self.precision is DatePrecision.YEAR:
            return self.first.replace(month=12, day=31)
        return date.max

    def at(self, precision: DatePrecision) -> PartialDate:
        """The same date known less precisely; the first day moves to the start of the period."""
        first = self.first
        if precision is not DatePrecision.DAY:
            first = first.replace(day=1)
        if precision is DatePrecision.YEAR:
            first = first.replace(month=1)
        return PartialDate(first, precision)


UNKNOWN_DATE = PartialDate(date.min, DatePrecision.UNKNOWN)
"""A date of which nothing is known yet: it may mean any day."""


def why_impossible(day: date) -> str | None:
    """Why nothing that we keep can have happened on a day, in words for people; None if it can.

    A day is still to come when it is so wherever on earth one is.
    """
    if day.year < EARLIEST_YEAR:
        return f"The year must be {EARLIEST_YEAR} or later."
    if day > datetime.now(UTC).date() + timedelta(days=1):
        return "This day is still to come."
    return None


def iso(moment: date | datetime | None) -> str | None:
    """A day or a moment in UTC as ISO 8601 writes it; None stays None."""
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def out_of_order(moments: Mapping[str, datetime | None]) -> str | None:
    """The name of the first moment that lies before `posted_at`, or None."""
    posted = moments.get("posted_at")
    return next(
        (
            name
            for name in ("acknowledged_at", "removed_at")
            if posted and (moment := moments.get(name)) and moment < posted
        ),
        None,
    )


def parse_partial_date(text: str) -> PartialDate:
    """Read `2018`, `2018-05` or `2018-05-16`. Raises ValueError, with a message for people."""
    match = _FORMS.fullmatch(text)
    if match is None or not text.isascii():
        raise ValueError("Write a date as YYYY-MM-DD, YYYY-MM or YYYY.")
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    if year < EARLIEST_YEAR:
        raise ValueError(f"The year must be {EARLIEST_YEAR} or later.")
    try:
        first = date(year, 1 if month is None else month, 1 if day is None else day)
    except ValueError as error:
        raise ValueError(f"{text} is not a day of the calendar.") from error
    if day is not None:
        return PartialDate(first, DatePrecision.DAY)
    return PartialDate(first, DatePrecision.MONTH if month is not None else DatePrecision.YEAR)
