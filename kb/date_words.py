"""Days as people write them: `April 22, 2018` in English, `22 באפריל 2018` in Hebrew."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from babel.dates import format_date, format_skeleton


def day_text(
    day: date, language: str, *, weekday: bool = False, year: bool = True, short: bool = False
) -> str:
    """A day in words, in `en` or `he`: `Sunday, April 22, 2018`; if `short`, `Sun, Apr 22, 2018`."""
    name, month = ("EEE", "MMM") if short else ("EEEE", "MMMM")
    pattern, of_year = (f"d ב{month}", " y") if language == "he" else (f"{month} d", ", y")
    parts = (f"{name}, " if weekday else "", pattern, of_year if year else "")
    return _formatted(day, "".join(parts), language)


@lru_cache(maxsize=2_000)
def _formatted(day: date, pattern: str, language: str) -> str:
    """Format a day with a CLDR pattern. Cached: a calendar repeats the same days, at about 20 µs each."""
    return format_date(day, pattern, locale=language)


def month_text(day: date, language: str) -> str:
    """The month of a day: `April 2018`."""
    return format_skeleton("yMMMM", day, locale=language)


def partial_date_text(first: str, precision: str, language: str) -> str:
    """A partial date in words, given its first day in ISO 8601 and its precision: `April 2018`, `2018`."""
    day = date.fromisoformat(first[:10])
    if precision == "year":
        return str(day.year)
    return month_text(day, language) if precision == "month" else day_text(day, language)
