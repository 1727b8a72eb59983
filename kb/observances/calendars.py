"""Convert days of other calendars to Gregorian dates, from FIRST_YEAR to LAST_YEAR."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from borax.calendars.lunardate import LunarDate
from hijridate import Hijri
from pyluach.dates import HebrewDate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FIRST_YEAR = 1900
LAST_YEAR = 2099

HEBREW_MONTHS = (
    "nisan", "iyar", "sivan", "tammuz", "av", "elul",
    "tishri", "heshvan", "kislev", "tevet", "shevat", "adar",
)  # fmt: skip
"""The Hebrew months, counted from nisan. In a leap year, adar means the second Adar."""

_ADAR = HEBREW_MONTHS.index("adar") + 1
_JULIAN_LAG = timedelta(days=13)  # from 1900-03-14 to 2100-03-13


def easter(year: int) -> date:
    """Easter Sunday of the western churches (Meeus, Astronomical Algorithms, chapter 8)."""
    century, rest = divmod(year, 100)
    golden = year % 19
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - correction + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    exception = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * exception + 114, 31)
    return date(year, month, day + 1)


def orthodox_easter(year: int) -> date:
    """Easter Sunday of the Orthodox churches, as a Gregorian date (Meeus, chapter 8)."""
    epact = (19 * (year % 19) + 15) % 30
    weekday = (2 * (year % 4) + 4 * (year % 7) - epact + 34) % 7
    month, day = divmod(epact + weekday + 114, 31)
    return date(year, month, day + 1) + _JULIAN_LAG


def hebrew_days(year: int, month: int, day: int) -> list[date]:
    """The dates in a Gregorian year that are this day of a Hebrew month (1 is nisan)."""

    def convert(hebrew_year: int) -> date:
        leap = (7 * hebrew_year + 1) % 19 < 7
        gregorian: date = HebrewDate(hebrew_year, 13 if month == _ADAR and leap else month, day).to_pydate()
        return gregorian

    return _in_year(year, (year + 3760, year + 3761), convert)


def islamic_days(year: int, month: int, day: int) -> list[date]:
    """The dates in a Gregorian year that are this day of the Umm al-Qura calendar, known for 1925 to 2076.

    There may be two. Dates announced by moon sighting may differ by a day.
    """
    near = (year - 622) * 33 // 32
    return _in_year(
        year,
        range(near - 1, near + 3),
        lambda hijri: date(*Hijri(hijri, month, day).to_gregorian().datetuple()),
    )


def chinese_days(year: int, month: int, day: int) -> list[date]:
    """The dates in a Gregorian year that are this day of a (non-leap) month of the Chinese calendar."""
    return _in_year(year, (year - 1, year), lambda lunar: LunarDate(lunar, month, day).to_solar_date())


def _in_year(year: int, candidates: Iterable[int], convert: Callable[[int], date]) -> list[date]:
    """Convert candidate years of another calendar; skip those without this day, or outside the year."""
    dates = []
    for candidate in candidates:
        try:
            converted = convert(candidate)
        except (ValueError, OverflowError):
            continue
        if converted.year == year:
            dates.append(converted)
    return dates
