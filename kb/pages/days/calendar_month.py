"""A month of the risk calendar: its days in a list, and at a glance in weeks."""

from __future__ import annotations

from calendar import Calendar as WeekCalendar
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from babel import Locale, UnknownLocaleError

from kb.date_words import day_text, month_text
from kb.observances.table import TONES
from kb.pages.language import interface_language
from kb.pages.messages import _, _l, _n

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from kb.pages.messages import LazyText

TONE_NAMES: Mapping[str, LazyText] = {
    "no-promotion": _l("no promotion"),
    "careful": _l("careful"),
    "fine": _l("fine"),
}

_MOST_IN_PLURAL = 10
"""The largest number for which Hebrew uses the plural of years."""

Entry = dict[str, Any]


class Day(NamedTuple):
    """A day of the month with the entries that begin on it, or began before the month, and those that begin
    in its evening."""

    day: date
    title: str
    entries: list[Entry]
    eves: list[Entry]


class Cell(NamedTuple):
    """A day in the overview of the month: its most severe tone, that of its evening if more severe, the day
    in the list that says why, and both in words."""

    day: date
    tone: str | None
    eve: str | None
    target: date | None
    text: str


def month_days(entries: Iterable[Entry], first: date, last: date) -> list[Day]:
    """Return the days of a month on which something begins, each with the most severe entry first."""
    begun: dict[date, list[Entry]] = {}
    eves: dict[date, list[Entry]] = {}
    for entry in sorted(entries, key=_gravity):
        if entry["first"] <= last:
            begun.setdefault(max(entry["first"], first), []).append(entry)
        if entry["eve"] and entry["eve"] >= first:
            eves.setdefault(entry["eve"], []).append(entry)
    return [
        Day(day, _day_title(day), begun.get(day, []), eves.get(day, [])) for day in sorted({*begun, *eves})
    ]


def month_weeks(entries: Iterable[Entry], first: date, country: str | None) -> list[list[Cell]]:
    """Return the weeks of a month, filled up with days of the months before and after.

    The first day of the week is that of the country, else that of the home country of the page's language.
    """
    covering: dict[date, list[Entry]] = {}
    eves: dict[date, list[Entry]] = {}
    for entry in sorted(entries, key=_gravity):
        for offset in range((entry["last"] - entry["first"]).days + 1):
            covering.setdefault(entry["first"] + timedelta(days=offset), []).append(entry)
        if entry["eve"]:
            eves.setdefault(entry["eve"], []).append(entry)
    weeks = WeekCalendar(_locale(country).first_week_day).monthdatescalendar(first.year, first.month)
    return [
        [
            _cell(day, covering.get(day, []), eves.get(day, []), first)
            if day.month == first.month
            else Cell(day, None, None, None, "")
            for day in week
        ]
        for week in weeks
    ]


def _cell(day: date, covering: Sequence[Entry], eves: Sequence[Entry], first: date) -> Cell:
    tone = covering[0]["tone"] if covering else None
    evening = (
        eves[0]["tone"] if eves and (not covering or _gravity(eves[0]) < _gravity(covering[0])) else None
    )
    begun = max(covering[0]["first"], first) if covering else None
    texts = [_names(covering)] if covering else []
    if eves:
        texts.append(_("from the evening: %(names)s", names=_names(eves)))
    return Cell(day, tone, evening, day if evening else begun, "; ".join(texts))


def _names(entries: Sequence[Entry]) -> str:
    """Return the names of entries with the most severe tone, that of the first: `Purim, Holi (careful)`."""
    return f"{', '.join(entry['name'] for entry in entries)} ({TONE_NAMES[entries[0]['tone']]})"


def _gravity(entry: Entry) -> int:
    return TONES.index(entry["tone"])


def weekdays(country: str | None) -> list[tuple[str, str]]:
    """Return the days of the week in the order of a country: the short name and the full one."""
    locale = _locale(country)
    order = [(locale.first_week_day + place) % 7 for place in range(7)]
    short, wide = locale.days["stand-alone"]["short"], locale.days["stand-alone"]["wide"]
    return [(short[day], wide[day]) for day in order]


def month_title(first: date) -> str:
    """Format a month in the language of the page: `May 2027`."""
    return month_text(first, interface_language())


def span_text(entry: Entry) -> str:
    """Format the days of an entry that lasts several days: `May 1 to May 3`."""
    if entry["first"] == entry["last"]:
        return ""
    return _("%(first)s to %(last)s", first=_short_day(entry["first"]), last=_short_day(entry["last"]))


def years_ago(years: int) -> str:
    """Format how long ago something happened: `31 years ago`."""
    if years > _MOST_IN_PLURAL:
        return _("%(number)s years ago", number=years)
    return _n("%(num)s year ago", "%(num)s years ago", years)


def _locale(country: str | None) -> Locale:
    """Return the locale of the page's language in a country, or in its home country."""
    language, home = interface_language(), {"he": "IL", "en": "US"}
    try:
        return Locale(language, country or home[language])
    except UnknownLocaleError:
        return Locale(language, home[language])


def _day_title(day: date) -> str:
    return day_text(day, interface_language(), weekday=True, year=False)


def _short_day(day: date) -> str:
    return day_text(day, interface_language(), year=False)
