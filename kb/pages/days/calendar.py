"""The risk calendar: the days of a month on which brands should watch their tone, and what happened then."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from flask import render_template, request, url_for

from kb.config import API_ROOT
from kb.domain.periods import Interval, bucket_end
from kb.errors import FieldError, InvalidInput
from kb.messages import Message
from kb.observances.calendars import FIRST_YEAR, LAST_YEAR
from kb.observances.table import WORLD, observances
from kb.pages.countries import country_name, likely_country, named_countries
from kb.pages.days.calendar_month import (
    TONE_NAMES,
    month_days,
    month_title,
    month_weeks,
    span_text,
    weekdays,
    years_ago,
)
from kb.pages.language import interface_language, text_languages
from kb.pages.parameters import load_query
from kb.pages.words.term_labels import Terms
from kb.pauses import Pauses
from kb.schemas.calendar import CalendarQuerySchema
from kb.services.check.days.calendar import build_calendar, calendar_period
from kb.web.current_actor import current_actor, current_day
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    from kb.pages.days.calendar_month import Day

_MONTH = re.compile(r"(\d{4})-(\d{1,2})")
_LONG = timedelta(days=13)
"""Longer observances belong to the month rather than to its days."""

_SHOWN_PRECEDENTS = 3
"""The most incidents shown per day: fewer than in the API, since a month has some thirty such days."""


class Selection(NamedTuple):
    """The selection of a URL: a month, countries, and whether only risky days are shown."""

    month: date
    countries: tuple[str, ...]
    risky: bool

    @property
    def url(self) -> str:
        """Return the URL of the page."""
        return url_for(
            "pages.calendar_page",
            month=f"{self.month:%Y-%m}",
            country=",".join(self.countries),
            risky="true" if self.risky else None,
        )

    @property
    def ical_url(self) -> str:
        """Return the iCalendar URL of the coming year, without the host."""
        parameters = {
            "country": ",".join(self.countries),
            "risky": "true" if self.risky else "",
            "lang": interface_language(),
        }
        query = urlencode({name: value for name, value in parameters.items() if value}, safe=",")
        return f"{API_ROOT}/calendar.ics?{query}"


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/calendar", view_func=calendar_page)


@with_permission_check
def calendar_page() -> ResponseReturnValue:
    """Show a month's days to watch, worldwide and of the countries in the URL.

    The default is the reader's likely country.
    """
    today = current_day()
    try:
        selection = _selection(today)
        first, _ = calendar_period(selection.month, selection.month, today)
    except InvalidInput as error:
        return render_template("calendar.html", error=error), 422
    last = bucket_end(first, Interval.MONTH)
    countries = selection.countries
    entries = build_calendar(
        current_actor(), first, last, countries, text_languages(), risky=selection.risky, pause=Pauses()
    ).entries
    short = [entry for entry in entries if entry["last"] - entry["first"] <= _LONG]
    days = month_days(short, first, last)
    return render_template(
        "calendar.html",
        title=month_title(first),
        selection=selection,
        days=days,
        today=today,
        upcoming=_upcoming(days, first, today),
        long=[entry for entry in entries if entry not in short],
        weeks=month_weeks(short, first, next(iter(countries), None)),
        weekdays=weekdays(next(iter(countries), None)),
        tones={tone: name for tone, name in TONE_NAMES.items() if tone in {each["tone"] for each in entries}},
        shown_precedents=_SHOWN_PRECEDENTS,
        span_text=span_text,
        years_ago=years_ago,
        eve_target=lambda entry: _eve_target(entry, selection),
        terms=Terms(),
        country_name=country_name,
        removable=_removable(selection),
        offered=[pair for pair in named_countries(_kept_countries()) if pair[0] not in countries],
        previous=_link(selection, first - timedelta(days=1)),
        following=_link(selection, last + timedelta(days=1)),
        ical_url=selection.ical_url,
        ical_address=request.host_url.rstrip("/") + selection.ical_url,
    )


def _selection(today: date) -> Selection:
    """Return the selection of the URL; an empty `country=` shows only worldwide days.

    Raises InvalidInput.
    """
    query = load_query(CalendarQuerySchema(only=("country", "risky")))
    likely = None if "country" in request.args else likely_country()
    return Selection(_month(today), (likely,) if likely else query["country"], query["risky"])


def _month(today: date) -> date:
    text = request.args.get("month", "").strip() or f"{today:%Y-%m}"
    match = _MONTH.fullmatch(text)
    try:
        if match is not None:
            return date(int(match[1]), int(match[2]), 1)
    except ValueError:
        pass
    raise InvalidInput([FieldError("month", Message("Write a month such as 2027-05."))])


def _upcoming(days: Sequence[Day], first: date, today: date) -> Day | None:
    """Return the next of the days from today on, unless it is the first one or the month is another."""
    if (today.year, today.month) != (first.year, first.month):
        return None
    return next((day for day in days[1:] if day.day >= today > days[0].day), None)


def _kept_countries() -> set[str]:
    """Return the countries that have days in the table of observances."""
    return {code for each in observances().values() for code in each.countries} - {WORLD}


def _removable(selection: Selection) -> list[tuple[str, str, str]]:
    """Return the chosen countries: code, name, and the URL without it."""

    def without(code: str) -> str:
        return selection._replace(countries=tuple(each for each in selection.countries if each != code)).url

    return [(code, country_name(code), without(code)) for code in selection.countries]


def _link(selection: Selection, month: date) -> tuple[str, str] | None:
    """Return the title and URL of another month; None outside the supported years."""
    if not FIRST_YEAR <= month.year <= LAST_YEAR:
        return None
    return month_title(month), selection._replace(month=month).url


def _eve_target(entry: dict[str, Any], selection: Selection) -> str:
    """Return the link from an evening to its day: below, or on the page of the next month."""
    first = entry["first"]
    page = "" if first.month == selection.month.month else selection._replace(month=first).url
    return f"{page}#day-{first.isoformat()}"
