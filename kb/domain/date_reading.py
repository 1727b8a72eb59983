"""How ambiguous dates of a file, such as 03/04/2027, were read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from kb.domain.written_times import NUMERIC_DATE, DateOrder, has_two_readings
from kb.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
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
