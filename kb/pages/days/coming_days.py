"""The next days to watch, for a post that is planned today."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from flask import url_for

from kb.date_words import day_text
from kb.observances.days import observances_between
from kb.observances.table import TONES, observances
from kb.pages.days.calendar_month import TONE_NAMES
from kb.pages.language import interface_language

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from kb.pages.messages import LazyText

_DAYS = 14
_SHOWN = 3


class ComingDay(NamedTuple):
    """An observance that is near: its name, its day in words, its tone, what that asks of a brand and a
    link."""

    name: str
    day: str
    tone: str
    asks: LazyText
    url: str


def coming_days(today: date, countries: Collection[str]) -> list[ComingDay]:
    """Return the observances of the next two weeks, worldwide and in these countries, in their order.

    Days that are fine to post on are left out. Where there are many, those that ask for the most come first.
    """
    days: dict[str, date] = {}
    for offset in range(_DAYS):
        day = today + timedelta(days=offset)
        for key in observances_between(day, day):
            observance = observances()[key]
            if observance.tone != "fine" and observance.is_kept_in(countries):
                days.setdefault(key, day)
    gravest = sorted(days, key=lambda key: (TONES.index(observances()[key].tone), days[key]))[:_SHOWN]
    return [_coming(key, days[key], countries) for key in sorted(gravest, key=days.__getitem__)]


def _coming(key: str, day: date, countries: Collection[str]) -> ComingDay:
    observance, language = observances()[key], interface_language()
    url = url_for(
        "pages.calendar_page",
        month=f"{day:%Y-%m}",
        country=",".join(countries),
        _anchor=f"day-{day.isoformat()}",
    )
    name = observance.names.get(language) or observance.names["en"]
    in_words = day_text(day, language, weekday=True, year=False)
    return ComingDay(name, in_words, observance.tone, TONE_NAMES[observance.tone], url)
