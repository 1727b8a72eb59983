"""Rules for the date of an observance, such as `nth:05-sun-2`; seeds/observances.yaml documents them."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import TYPE_CHECKING

from kb.messages import Message
from kb.observances.calendars import (
    HEBREW_MONTHS,
    chinese_days,
    easter,
    hebrew_days,
    islamic_days,
    orthodox_easter,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Span = tuple[date, date]
    Rule = Callable[[int], list[Span]]
    """Given a year, the first and last day of each occurrence that begins in it."""

    Days = Callable[[int], list[date]]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_WEEKDAY = "|".join(WEEKDAYS)
_MONTH_DAY = re.compile(r"(\d\d)-(\d\d)")
_RANGE = re.compile(r"(\d\d)-(\d\d)\.\.(\d\d)-(\d\d)")
_NTH = re.compile(rf"(\d\d)-({_WEEKDAY})-([1-5]|last)(\+\d+)?")
_OFFSET = re.compile(r"0|[+-]?\d{1,3}")
_HEBREW = re.compile(rf"(\d\d)-({'|'.join(HEBREW_MONTHS)})")
_SHIFT = re.compile(rf"({_WEEKDAY})([+-]\d)")


class RuleError(ValueError):
    """A rule is invalid. The message says what to change."""


def parse_rule(text: str) -> Rule:
    """Parse a rule. Raises RuleError."""
    kind, _, argument = text.partition(":")
    if kind == "range":
        return _range(argument)
    parse = _PARSERS.get(kind)
    if parse is None:
        raise RuleError(
            Message(
                "The rule {text!r} must begin with one of {choices}, and a colon.",
                text=text,
                choices=", ".join((*_PARSERS, "range")),
            )
        )
    days = parse(argument)
    return lambda year: [(day, day) for day in days(year)]


def parse_shift(text: str) -> dict[int, timedelta]:
    """Parse how far a day moves by the weekday it would fall on: `fri-1,sun+1`. Raises RuleError."""
    return {
        WEEKDAYS.index(weekday): timedelta(days=int(days))
        for weekday, days in (
            _match(_SHIFT, part, Message("such as fri-1")) for part in text.split(",") if text
        )
    }


def _match(pattern: re.Pattern[str], text: str, example: Message) -> tuple[str, ...]:
    match = pattern.fullmatch(text)
    if match is None:
        raise RuleError(Message("{text!r} must be {example}.", text=text, example=example))
    return match.groups("") or (match.group(),)


def _month_day(text: str, longest: int = 31) -> tuple[int, int]:
    month, day = map(int, _match(_MONTH_DAY, text, Message("a month and a day, such as 03-08")))
    if not (1 <= month <= 12 and 1 <= day <= longest):
        raise RuleError(Message("{text!r} is no month and day.", text=text))
    return month, day


def _fixed(argument: str) -> Days:
    month, day = _month_day(argument)
    if day > monthrange(2000, month)[1]:
        raise RuleError(Message("{argument!r} is no day of any year.", argument=argument))

    def days(year: int) -> list[date]:
        return [date(year, month, day)] if day <= monthrange(year, month)[1] else []

    return days


def _range(argument: str) -> Rule:
    """A range of days. Days past a month's end are clipped; an end before the start is in the next year."""
    numbers = map(int, _match(_RANGE, argument, Message("two days, such as 06-01..06-30")))
    first_month, first_day, last_month, last_day = numbers
    _month_day(argument[:5])
    _month_day(argument[-5:])
    years = int((last_month, last_day) < (first_month, first_day))

    def spans(year: int) -> list[Span]:
        first = _at_most_month_end(year, first_month, first_day)
        return [(first, _at_most_month_end(year + years, last_month, last_day))]

    return spans


def _at_most_month_end(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


def _nth(argument: str) -> Days:
    month_text, weekday_name, position, later = _match(
        _NTH, argument, Message("such as 11-thu-4, 05-mon-last or 11-thu-4+1")
    )
    month, weekday = int(month_text), WEEKDAYS.index(weekday_name)
    offset = timedelta(days=int(later or 0))
    _month_day(f"{month_text}-01")

    def days(year: int) -> list[date]:
        first_weekday, length = monthrange(year, month)
        first = 1 + (weekday - first_weekday) % 7
        day = first + (length - first) // 7 * 7 if position == "last" else first + 7 * (int(position) - 1)
        return [date(year, month, day) + offset] if day <= length else []

    return days


def _relative_to(feast: Callable[[int], date]) -> Callable[[str], Days]:
    def parse(argument: str) -> Days:
        offset = timedelta(days=int(_match(_OFFSET, argument, Message("a number of days, such as -46"))[0]))
        return lambda year: [feast(year) + offset]

    return parse


def _hebrew(argument: str) -> Days:
    day, name = _match(_HEBREW, argument, Message("a day and a month, such as 15-nisan"))
    month = HEBREW_MONTHS.index(name) + 1
    _month_day(f"{month:02}-{day}", 30)
    return lambda year: hebrew_days(year, month, int(day))


def _islamic(argument: str) -> Days:
    month, day = _month_day(argument, 30)
    return lambda year: islamic_days(year, month, day)


def _chinese(argument: str) -> Days:
    month, day = _month_day(argument, 30)
    return lambda year: chinese_days(year, month, day)


def _table(argument: str) -> Days:
    try:
        dates = [date.fromisoformat(day) for day in argument.split("/")]
    except ValueError:
        raise RuleError(
            Message("{argument!r} must be dates with / between them.", argument=argument)
        ) from None
    return lambda year: [day for day in dates if day.year == year]


_PARSERS: dict[str, Callable[[str], Days]] = {
    "fixed": _fixed,
    "nth": _nth,
    "easter": _relative_to(easter),
    "easter-orthodox": _relative_to(orthodox_easter),
    "hebrew": _hebrew,
    "islamic": _islamic,
    "chinese": _chinese,
    "table": _table,
}
