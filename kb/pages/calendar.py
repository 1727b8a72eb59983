"""The risk calendar: the days of a month on which brands should watch their tone, and what happened then."""

from __future__ import annotations

import re
from calendar import Calendar as WeekCalendar
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from babel import Locale
from babel.dates import format_date, format_skeleton
from flask import render_template, request, url_for

from kb.config import API_ROOT
from kb.domain.periods import Interval, bucket_end
from kb.errors import FieldError, InvalidInput
from kb.messages import Message
from kb.models.base import utc_now
from kb.observances.calendars import FIRST_YEAR, LAST_YEAR
from kb.observances.table import TONES, WORLD, observances
from kb.pages.countries import country_name, likely_country, named_countries
from kb.pages.language import interface_language, text_languages
from kb.pages.messages import _, _l
from kb.pages.parameters import load_query
from kb.schemas.calendar import CalendarQuerySchema
from kb.services.check.calendar import build_calendar, calendar_period
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    from kb.pages.messages import LazyText

_MONTH = re.compile(r"(\d{4})-(\d{1,2})")
_LONG = timedelta(days=13)
"""What lasts longer than this belongs to the month rather than to its days."""

_SHOWN_PRECEDENTS = 3
"""How many incidents the page shows of a day: fewer than the API, since a month has some thirty such days."""

_TONES: Mapping[str, LazyText] = {
    "no-promotion": _l("no promotion"),
    "careful": _l("careful"),
    "fine": _l("fine"),
}

Entry = dict[str, Any]


class Day(NamedTuple):
    """A day of the month with what begins on it, or has begun before the month."""

    day: date
    title: str
    entries: list[Entry]


class Cell(NamedTuple):
    """A day in the overview of the month: its gravest tone, and the day of the list that says why."""

    day: date
    tone: str | None
    target: date | None
    names: str


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/calendar", view_func=calendar_page)


@with_permission_check
def calendar_page() -> ResponseReturnValue:
    """Show a month's days to watch, of the whole world and of the countries that the address names.

    Without any, they are those of the reader's likely country.
    """
    today = utc_now().date()
    try:
        countries = _countries()
        first = _month(today)
        first, last = calendar_period(first, bucket_end(first, Interval.MONTH), today)
    except InvalidInput as error:
        return render_template("calendar.html", error=error), 422
    entries = build_calendar(current_actor(), first, last, countries, text_languages()).entries
    short = [entry for entry in entries if entry["last"] - entry["first"] <= _LONG]
    days = _days(short, first)
    return render_template(
        "calendar.html",
        title=_month_title(first),
        month=first,
        days=days,
        long=[entry for entry in entries if entry not in short],
        weeks=_weeks(short, first),
        weekdays=_weekdays(),
        tones=_TONES,
        shown_precedents=_SHOWN_PRECEDENTS,
        span_text=span_text,
        country_name=country_name,
        countries=_country_chips(countries, first),
        offered=[pair for pair in named_countries(_kept_countries()) if pair[0] not in countries],
        previous=_link(countries, first - timedelta(days=1)),
        following=_link(countries, last + timedelta(days=1)),
        ical_url=_ical_url(countries),
    )


def span_text(entry: Entry) -> str:
    """The days of an entry that lasts longer than one: `1 May to 3 May`."""
    if entry["first"] == entry["last"]:
        return ""
    return _("%(first)s to %(last)s", first=_short_day(entry["first"]), last=_short_day(entry["last"]))


def _countries() -> tuple[str, ...]:
    """The countries of the address; `country=` names none, so that only days of the whole world are shown."""
    if "country" not in request.args:
        likely = likely_country()
        return (likely,) if likely else ()
    countries: tuple[str, ...] = load_query(CalendarQuerySchema(only=("country",)))["country"]
    return countries


def _month(today: date) -> date:
    text = request.args.get("month", "").strip() or f"{today:%Y-%m}"
    match = _MONTH.fullmatch(text)
    try:
        if match is not None:
            return date(int(match[1]), int(match[2]), 1)
    except ValueError:
        pass
    raise InvalidInput([FieldError("month", Message("Write a month such as 2027-05."))])


def _days(entries: Sequence[Entry], first: date) -> list[Day]:
    by_day: dict[date, list[Entry]] = {}
    for entry in entries:
        by_day.setdefault(max(entry["first"], first), []).append(entry)
    return [
        Day(day, _day_title(day), sorted(by_day[day], key=lambda entry: TONES.index(entry["tone"])))
        for day in sorted(by_day)
    ]


def _weeks(entries: Sequence[Entry], first: date) -> list[list[Cell]]:
    """The weeks of a month, with days of other months where it does not begin or end with a week."""
    cells: dict[date, list[Entry]] = {}
    for entry in entries:
        for offset in range((entry["last"] - entry["first"]).days + 1):
            cells.setdefault(entry["first"] + timedelta(days=offset), []).append(entry)

    def cell(day: date) -> Cell:
        found = sorted(cells.get(day, ()), key=lambda entry: TONES.index(entry["tone"]))
        if not found or day.month != first.month:
            return Cell(day, None, None, "")
        names = ", ".join(entry["name"] for entry in found)
        return Cell(day, found[0]["tone"], max(found[0]["first"], first), names)

    weeks = WeekCalendar(_locale().first_week_day).monthdatescalendar(first.year, first.month)
    return [[cell(day) for day in week] for week in weeks]


def _weekdays() -> list[tuple[str, str]]:
    """The days of the week in the order of the language: the short name, and the whole one."""
    locale = _locale()
    order = [(locale.first_week_day + place) % 7 for place in range(7)]
    short, wide = locale.days["stand-alone"]["short"], locale.days["stand-alone"]["wide"]
    return [(short[day], wide[day]) for day in order]


def _locale() -> Locale:
    return Locale.parse("he_IL" if interface_language() == "he" else "en_GB")


def _month_title(first: date) -> str:
    return format_skeleton("yMMMM", first, locale=interface_language())


def _day_title(day: date) -> str:
    pattern = "EEEE, d MMMM" if interface_language() == "en" else "EEEE, d בMMMM"
    return format_date(day, pattern, locale=interface_language())


def _short_day(day: date) -> str:
    pattern = "d MMMM" if interface_language() == "en" else "d בMMMM"
    return format_date(day, pattern, locale=interface_language())


def _kept_countries() -> set[str]:
    """The countries that the table of observances knows days of."""
    return {code for each in observances().values() for code in each.countries} - {WORLD}


def _country_chips(countries: Sequence[str], month: date) -> list[tuple[str, str, str]]:
    """The chosen countries: code, name, and the address without it."""
    return [
        (code, country_name(code), _address([other for other in countries if other != code], month))
        for code in countries
    ]


def _link(countries: Sequence[str], month: date) -> tuple[str, str] | None:
    """The title and the address of another month; None outside the years of calendars."""
    if not FIRST_YEAR <= month.year <= LAST_YEAR:
        return None
    return _month_title(month), _address(countries, month)


def _address(countries: Sequence[str], month: date) -> str:
    return url_for("pages.calendar_page", month=f"{month:%Y-%m}", country=",".join(countries))


def _ical_url(countries: Sequence[str]) -> str:
    query = urlencode([*[("country", ",".join(countries))][: len(countries)], ("lang", interface_language())])
    return f"{API_ROOT}/calendar.ics?{query}"
