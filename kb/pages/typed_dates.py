"""Dates as people type them: `2018`, `May 2018`, `5/2018`, `May 16, 2018`, `16 במאי 2018`, `16/5/2018`."""

from __future__ import annotations

import re
from functools import cache

from babel.dates import get_month_names

from kb.pages.language import LANGUAGES, interface_language

_NUMBERS = re.compile(r"([0-9]{1,2})[/.-]([0-9]{4})|([0-9]{4})[/.-]([0-9]{1,2})")
_DAYS = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})")
_WORDS = re.compile(r"(?:since|from|in|until|till|to|מאז|משנת|החל מ|מ|עד|בשנת)[\s-]+(?=\S)", re.IGNORECASE)
"""Words that a reader may type before a date although the field implies them: `since 2015`."""

_NAMES = re.compile(r"(?:([0-9]{1,2})\.?\s+)?([^\W\d_]+)[.,]?\s+(?:([0-9]{1,2}),?\s+)?([0-9]{4})")


def typed_date(text: str) -> str:
    """Convert a typed date to the API's form, `2018-05` or `2018-05-16`; other texts are returned unchanged.

    A word before it, as in `since 2018`, is ignored. In Hebrew and between dots, the day comes first; in
    English, `3/4/2018` is unchanged, since either number may be the month.
    """
    text = " ".join(text.split())
    if said := _WORDS.match(text):
        text = text[said.end() :]
    if found := _NUMBERS.fullmatch(text):
        month, year, other_year, other_month = found.groups()
        return f"{year or other_year}-{month or other_month:0>2}"
    if found := _DAYS.fullmatch(text):
        return _full_date(*found.groups()) or text
    if found := _NAMES.fullmatch(text):
        day_before, name, day_after, year = found.groups()
        day = day_before or day_after
        if number := _months().get(name.casefold()):
            return f"{year}-{number:02}" + (f"-{day:0>2}" if day else "")
    return text


def _full_date(first: str, separator: str, second: str, year: str) -> str | None:
    """Return a date of three numbers in the API's form; None if either order is possible, or none is."""
    day_first, month_first = int(second) <= 12, int(first) <= 12 and separator != "."
    if interface_language() == "he" or first == second:
        month_first = False
    if day_first == month_first or max(int(first), int(second)) > 31:
        return None
    day, month = (first, second) if day_first else (second, first)
    return f"{year}-{month:0>2}-{day:0>2}"


@cache
def _months() -> dict[str, int]:
    """Return the numbers of months by their full and short names, in the languages of the interface."""
    names: dict[str, int] = {}
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            for number, name in get_month_names(width, locale=language).items():
                names[name.casefold().rstrip(".׳")] = number
    return names | {f"ב{name}": number for name, number in names.items()}
