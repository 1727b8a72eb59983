"""Dates as people type them: `2018`, `May 2018`, `5/2018`, `May 16, 2018`, `16 במאי 2018`."""

from __future__ import annotations

import re
from functools import cache

from babel.dates import get_month_names

from kb.pages.language import LANGUAGES

_NUMBERS = re.compile(r"([0-9]{1,2})[/.-]([0-9]{4})|([0-9]{4})[/.-]([0-9]{1,2})")
_WORDS = re.compile(r"(?:since|from|in|until|till|to|מאז|משנת|החל מ|מ|עד|בשנת)[\s-]+(?=\S)", re.IGNORECASE)
"""Words that a reader may type before a date although the field implies them: `since 2015`."""

_NAMES = re.compile(r"(?:([0-9]{1,2})\.?\s+)?([^\W\d_]+)[.,]?\s+(?:([0-9]{1,2}),?\s+)?([0-9]{4})")


def typed_date(text: str) -> str:
    """Convert a typed date to the API's form, `2018-05` or `2018-05-16`; other texts are returned unchanged.

    A word before it, as in `since 2018`, is ignored.
    """
    text = " ".join(text.split())
    if said := _WORDS.match(text):
        text = text[said.end() :]
    if found := _NUMBERS.fullmatch(text):
        month, year, other_year, other_month = found.groups()
        return f"{year or other_year}-{month or other_month:0>2}"
    if found := _NAMES.fullmatch(text):
        day_before, name, day_after, year = found.groups()
        day = day_before or day_after
        if number := _months().get(name.casefold()):
            return f"{year}-{number:02}" + (f"-{day:0>2}" if day else "")
    return text


@cache
def _months() -> dict[str, int]:
    """Return the numbers of months by their full and short names, in the languages of the interface."""
    names: dict[str, int] = {}
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            for number, name in get_month_names(width, locale=language).items():
                names[name.casefold().rstrip(".׳")] = number
    return names | {f"ב{name}": number for name, number in names.items()}
