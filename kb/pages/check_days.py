"""What the day of a draft is to its audience, whether a guard minds it or not."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from flask import url_for

from kb.observances.days import observances_between
from kb.observances.table import observances
from kb.pages.calendar_month import TONE_NAMES
from kb.pages.language import interface_language

if TYPE_CHECKING:
    from collections.abc import Collection


class DayToWatch(NamedTuple):
    """An observance that asks for care, as `Memorial Day (careful)`, and the calendar of its month."""

    title: str
    url: str


def days_to_watch(moment: str | None, countries: Collection[str]) -> list[DayToWatch]:
    """The observances of the day of a moment, as its own clock has it, in these countries and worldwide.

    Those that are fine to post on are left out.
    """
    if moment is None:
        return []
    day = datetime.fromisoformat(moment).date()
    url = url_for("pages.calendar_page", month=f"{day:%Y-%m}", country=[*countries])
    found = (observances()[key] for key in observances_between(day, day))
    language = interface_language()
    return [
        DayToWatch(f"{each.names.get(language) or each.names['en']} ({TONE_NAMES[each.tone]})", url)
        for each in found
        if each.tone != "fine" and each.is_kept_in(countries)
    ]
