"""The observances on the day of a draft for its audience, whether or not a guard reports them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from flask import url_for

from kb.observances.days import observances_between
from kb.observances.table import observances
from kb.pages.days.calendar_month import TONE_NAMES
from kb.pages.language import interface_language
from kb.pages.messages import _

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from kb.observances.table import Observance


class DayToWatch(NamedTuple):
    """An observance that asks for care, as `Memorial Day (careful)`, and the calendar of its month."""

    title: str
    url: str


def days_to_watch(moment: str | None, countries: Collection[str]) -> list[DayToWatch]:
    """Return the observances on the day of a moment (in its own offset), in these countries and worldwide,
    and those that begin in its evening.

    Days that are fine to post on are left out.
    """
    if moment is None:
        return []
    day = datetime.fromisoformat(moment).date()
    url = url_for("pages.calendar_page", month=f"{day:%Y-%m}", country=[*countries])
    today, tomorrow = _to_watch(day, countries), _to_watch(day + timedelta(days=1), countries)
    eves = [each for each in tomorrow if each.begins_in_evening and each not in today]
    return [
        *(DayToWatch(_title(each), url) for each in today),
        *(DayToWatch(_("from the evening: %(names)s", names=_title(each)), url) for each in eves),
    ]


def _to_watch(day: date, countries: Collection[str]) -> list[Observance]:
    found = (observances()[key] for key in observances_between(day, day))
    return [each for each in found if each.tone != "fine" and each.is_kept_in(countries)]


def _title(observance: Observance) -> str:
    name = observance.names.get(interface_language()) or observance.names["en"]
    return f"{name} ({TONE_NAMES[observance.tone]})"
