"""How ambiguous dates of a file, such as 03/04/2027, were read."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Literal, NamedTuple

from kb.domain.written_times import NUMERIC_DATE, DateOrder, date_order, has_two_readings, parse_schedule
from kb.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date


DateOrigin = Literal["request", "dates", "heading", "headings"]


class DateReading(NamedTuple):
    """How a file's ambiguous dates, such as 03/04/2027, were read, with the first one as an example.

    `origin` says what decided it: the `request`, the other `dates` of the file, the `heading` of the column
    (`Date (DD/MM/YYYY)`), or the language of all `headings`.
    """

    order: DateOrder
    origin: DateOrigin
    text: str
    day: date


def read_order(
    texts: Sequence[str],
    *,
    asked: DateOrder | None,
    heading: DateOrder | None = None,
    headings: DateOrder | None,
    today: date | None = None,
) -> tuple[DateOrder | None, DateReading | None]:
    """The order of day and month of dates, and how the first one with two readings was read.

    What the request `asked` decides first, then the dates themselves, then their heading, then all headings.
    """
    decided: tuple[tuple[DateOrder | None, DateOrigin], ...] = (
        (asked, "request"),
        (date_order(texts), "dates"),
        (heading, "heading"),
        (headings, "headings"),
    )
    order, origin = next((each for each in decided if each[0] is not None), (None, "request"))
    text = ambiguous_date(texts)
    if order is None or text is None:
        return order, None
    try:
        day = parse_schedule(text, UTC, order, today).at.date()
    except ValueError:  # a year out of range
        return order, None
    return order, DateReading(order, origin, text, day)


def ambiguous_date(texts: Iterable[str]) -> str | None:
    """The first ambiguous date, as written, or None."""
    for text in texts:
        match = NUMERIC_DATE.search(text)
        if match is None or match["sign"] == ".":
            continue
        if has_two_readings(int(match["first"]), int(match["second"])):
            return match.group()
    return None


_UNDER_HEBREW_HEADINGS = Message(
    "{text!r} was read as {day}: under Hebrew headings, the day comes before the month."
)
_AS_HEADED = Message("{text!r} was read as {day}, in the order that the heading of the column says.")
_LIKE_OTHERS: Mapping[DateOrder, Message] = {
    DateOrder.DAY_FIRST: Message(
        "{text!r} was read as {day}: in other dates of the file, the day comes before the month."
    ),
    DateOrder.MONTH_FIRST: Message(
        "{text!r} was read as {day}: in other dates of the file, the month comes before the day."
    ),
}


def reading_note(reading: DateReading) -> Message | None:
    """A note on how ambiguous dates were read; None if the request said how to read them."""
    if reading.origin == "request":
        return None
    if reading.origin == "heading":
        template = _AS_HEADED
    else:
        template = _LIKE_OTHERS[reading.order] if reading.origin == "dates" else _UNDER_HEBREW_HEADINGS
    return template.format(text=reading.text, day=reading.day)
