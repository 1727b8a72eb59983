"""Dates with the wrong day of the week: Friday 14 July 2026, which is a Tuesday."""

from __future__ import annotations

import datetime
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from kb.guards.days.date_patterns import ENGLISH_MONTHS, HEBREW_MONTHS
from kb.guards.placeholders.site import Rule, Site

if TYPE_CHECKING:
    from collections.abc import Iterator

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HEBREW_DAYS = tuple(
    frozenset(names.split())
    for names in ("שני ב", "שלישי ג", "רביעי ד", "חמישי ה", "שישי ו", "שבת", "ראשון א")
)
"""From Monday to Sunday, as `datetime.date.weekday` counts them."""

_ENGLISH = r"(?:(?i:(?:mon|tues|wednes|thurs|fri|satur|sun)day)|Mon|Tues?|Wed|Thurs?|Fri|Sat|Sun)"
_HEBREW = r"(?:(?:ב|ל|מ|ה)?יום (?:ראשון|שני|שלישי|רביעי|חמישי|שישי|שבת|[א-ו]['׳])|[בל]?שבת|[בל]?שישי)"
ANY_WEEKDAY = f"(?:{_ENGLISH}|{_HEBREW})"
"""Matches a day of the week, in short too; in Hebrew as `יום שני`, or as a word that is no ordinal number."""

_LAST_OF_MONTH = 31
EVE = re.compile(r"(?:ערב|ליל|כניסת|מוצאי) ה?$")
"""The evening of a day is on the date before it, and the end of a Sabbath may be on the next."""

FROM_A_DAY = re.compile(
    rf"(?:{_ENGLISH}|ראשון|שני|שלישי|רביעי|חמישי|שישי|שבת|[א-ו]['׳]) ?"
    r"(?:[-–—/&,]|to|through|until|till|and|or|ו?עד|ל[-־]?) ?(?:ה|יום )?$"
)
"""A range of days, which the date may begin."""

_MONTH = f"(?i:{'|'.join(ENGLISH_MONTHS)})"
_HEBREW_MONTH = f"(?:{'|'.join(HEBREW_MONTHS)})"
_NUMBER = r"\d{1,2}"
_YEAR = r"20\d\d"
_NUMBERS = rf"(?:{_NUMBER}[./-]{_NUMBER}[./-]{_YEAR}|{_YEAR}-\d\d-\d\d)"


def _is_another_day(site: Site) -> bool:
    """Whether the date is on another day of the week, also if its month may stand before its day."""
    if EVE.search(site.before) or FROM_A_DAY.search(site.before):
        return False
    named = weekday_of(site.found)
    dates = [*_dates(site.found)]
    return bool(dates) and all(date.weekday() != named for date in dates)


def weekday_of(text: str) -> int:
    """The day of the week that a text begins with, in English or in Hebrew, from 0 for Monday."""
    hebrew = re.match(r"[במלה]?(?:יום )?(?P<name>[א-ת]+)", text)
    if hebrew is None:
        return _DAYS.index(text[:3].lower())
    name = hebrew["name"]
    return next(day for day, names in enumerate(_HEBREW_DAYS) if not names.isdisjoint((name, name[1:])))


def _dates(text: str) -> Iterator[datetime.date]:
    """The dates that a day, a month and a year may mean."""
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    months = [*_months(text)]
    if months:
        orders = [(numbers[0], months[0])]
    elif numbers[0] > _LAST_OF_MONTH:
        orders = [(numbers[2], numbers[1])]
    else:
        orders = [(numbers[0], numbers[1]), (numbers[1], numbers[0])]
    year = max(numbers)
    for day, month in orders:
        with suppress(ValueError):
            yield datetime.date(year, month, day)


def _months(text: str) -> Iterator[int]:
    for names, flags in ((ENGLISH_MONTHS, re.IGNORECASE), (HEBREW_MONTHS, re.NOFLAG)):
        for month, name in enumerate(names, start=1):
            if re.search(rf"(?<![a-z]){name}(?![a-z])", text, flags):
                yield month


SLIPS = (
    Rule(
        rf"\b(?P<site>{_ENGLISH},? (?:the )?(?:{_NUMBER}(?:st|nd|rd|th)?(?: of)? {_MONTH}|"
        rf"{_MONTH} {_NUMBER}(?:st|nd|rd|th)?),? {_YEAR}|{_ENGLISH},? {_NUMBERS})(?:[^\d]|$)",
        _is_another_day,
    ),
    Rule(
        rf"(?:^|[^\pL])(?P<site>{_HEBREW},? (?:ה[-־]?|ב[-־])?(?:{_NUMBER} [בל]?{_HEBREW_MONTH},? {_YEAR}|"
        rf"{_NUMBERS}))(?:[^\d]|$)",
        _is_another_day,
    ),
)
"""Rules for slips: the day, the date or the year may be the wrong one."""
