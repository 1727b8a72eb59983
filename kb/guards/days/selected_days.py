"""The days that a guard watches: those on which a draft is published, and those that its text names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from kb.domain.time_zones import local_times, main_time
from kb.observances.calendars import FIRST_YEAR, LAST_YEAR
from kb.observances.days import observances_between
from kb.observances.table import WORLD, observances

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from kb.domain.draft import Draft
    from kb.guards.days.named_days import NamedDate, NamedDay
    from kb.observances.table import Observance

EVENING_HOUR = 16
"""The local hour at which the evening before a day begins."""

NIGHTFALL_HOUR = 20
"""The local hour at which a day of the Hebrew calendar gives way to a feast on the next day."""

_DAY = timedelta(days=1)
_COMMEMORATIONS = frozenset(("commemoration", "tragedy"))
_SAMPLE_YEARS = range(2024, 2032)
"""A date without a year names the observances that fall on it in all of these years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectedDays:
    """Selected observances.

    `keys` are those in the table. `others` cannot be looked up there by date: a team's own days, and seasons.
    `evening` says whether days begin on the evening before; None leaves it to the table. If the countries of
    the audience are unknown, only worldwide observances count, since those of all countries would cover
    almost every second day of the year.
    """

    keys: frozenset[str]
    others: tuple[Observance, ...]
    evening: bool | None

    def of_publication(self, draft: Draft) -> list[Observance]:
        """The observances on which a draft is published, in the local times of its audience."""
        moment = draft.scheduled_at
        if moment is None or not _is_known(moment.year):
            return []
        countries = tuple(draft.audience_countries) or (WORLD,)
        if not self.others and self.keys.isdisjoint(_keys_around(moment, countries)):
            return []
        found: dict[str, Observance] = {}
        for country in countries:
            for local in local_times(moment, country):
                found |= {row.key: row for row in self._at(local) if row.is_kept_in((country,))}
        return list(found.values())

    def by_clock(
        self, published: Sequence[Observance], draft: Draft
    ) -> tuple[list[Observance], list[Observance]]:
        """Split the observances of the publication day into likely and less likely ones.

        The first are observed by the clock of most people in each country or by the clock of the schedule,
        the others only in other time zones. If there are only others, they count as the first.
        """
        moment = draft.scheduled_at
        countries = draft.audience_countries or (WORLD,)
        times = [] if moment is None else [main_time(moment, country) for country in countries]
        keys = {row.key for time in times for row in self._at(time)}
        here = [row for row in published if row.key in keys]
        return (here, [row for row in published if row.key not in keys]) if here else ([*published], [])

    def named(self, day: NamedDay, draft: Draft) -> list[Observance]:
        """The observances that a part of a draft's text names.

        A date names only observances of the audience's countries. A long range also names the days of
        commemoration of these countries within it. A name always counts; if several observances share it,
        those of the audience's countries take precedence.
        """
        countries = draft.audience_countries
        by_name = [observances()[key] for key in day.keys if key in self.keys]
        found = [row for row in by_name if row.is_kept_in(countries)] or by_name
        published = _day_of(draft)
        for named in day.dates:
            found += [row for row in self._on_date(named, published) if row.is_kept_in(countries)]
        if countries:
            found += self._in_season(day, published, frozenset(countries))
        return list({row.key: row for row in found}.values())

    def by_reading(self, day: NamedDay, draft: Draft) -> list[tuple[NamedDate, list[Observance]]]:
        """The observances of each date that a part of a text may mean, the likeliest date first.

        Dates without observances are left out. Names and ranges have a single reading, so the result is
        empty.
        """
        if day.is_range:
            return []
        published = _day_of(draft)
        readings = [
            (
                named,
                [row for row in self._on_date(named, published) if row.is_kept_in(draft.audience_countries)],
            )
            for named in day.dates
        ]
        return [(named, rows) for named, rows in readings if rows]

    def _in_season(
        self, day: NamedDay, published: date | None, countries: frozenset[str]
    ) -> Iterator[Observance]:
        """The days of commemoration of some countries inside a long range.

        Worldwide ones are left out, since every season has one.
        """
        for named in day.season:
            for row in _commemorations(named, published):
                if row.key in self.keys and not countries.isdisjoint(row.countries):
                    yield row

    def named_each(
        self, days: Iterable[NamedDay], draft: Draft
    ) -> Iterator[tuple[NamedDay, list[Observance]]]:
        """Each named day of a draft's text, with the observances that it names.

        Repeated days are looked up only once: 50,000 characters may repeat a date 10,000 times.
        """
        known: dict[object, list[Observance]] = {}
        for day in days:
            if day.meaning not in known:
                known[day.meaning] = self.named(day, draft)
            yield day, known[day.meaning]

    def _at(self, local: datetime) -> Iterator[Observance]:
        """The observances at a local time."""
        today, tomorrow = local.date(), local.date() + _DAY
        gives_way = local.hour >= NIGHTFALL_HOUR and _is_feast(tomorrow) and not _is_feast(today)
        for row in self._on(today):
            if not (gives_way and row.calendar == "hebrew"):
                yield row
        if local.hour >= EVENING_HOUR:
            for row in self._on(tomorrow):
                if row.begins_in_evening if self.evening is None else self.evening:
                    yield row

    def _on(self, day: date) -> Iterator[Observance]:
        """The selected observances on a day."""
        for row in _observances_on(day):
            if row.key in self.keys:
                yield row
        yield from (row for row in self.others if _covers(row, day))

    def _on_date(self, named: NamedDate, published: date | None) -> list[Observance]:
        """The observances on a date; for a date in several possible years, those that fall on it in all of
        them.
        """
        by_day = [{row.key: row for row in self._on(day)} for day in _meant(named, published)]
        return (
            [row for key, row in by_day[0].items() if all(key in rows for rows in by_day)] if by_day else []
        )


@lru_cache(maxsize=100)
def _keys_around(moment: datetime, countries: tuple[str, ...]) -> frozenset[str]:
    """The observances in the table on the local days of a moment, and on the days after.

    Cached, because all guards on days ask about the same draft in turn.
    """
    today = {local.date() for country in countries for local in local_times(moment, country)}
    days = today | {day + _DAY for day in today}
    return frozenset(row.key for day in days for row in _observances_on(day))


def _day_of(draft: Draft) -> date | None:
    """The day of publication, if it is known."""
    moment = draft.scheduled_at
    return None if moment is None or not _is_known(moment.year) else moment.date()


def _meant(named: NamedDate, published: date | None) -> list[date]:
    """The days that a date may mean: if it has no year, the one nearest to the day of publication.

    If that is unknown, those in all sample years.
    """
    if named.year is not None:
        return _days(named, (named.year,))
    if published is not None:
        near = _days(named, range(published.year - 1, published.year + 2))
        if near:
            return [min(near, key=lambda day: abs(day - published))]
    return _days(named, _SAMPLE_YEARS)


@lru_cache(maxsize=2_000)
def _commemorations(named: NamedDate, published: date | None) -> tuple[Observance, ...]:
    """The days of commemoration of countries that fall on a date, in all years that it may mean."""
    by_day = [{row.key: row for row in _observances_on(day)} for day in _meant(named, published)]
    return tuple(
        row
        for key, row in (by_day[0].items() if by_day else ())
        if row.kind in _COMMEMORATIONS and all(key in rows for rows in by_day)
    )


def _is_known(year: int) -> bool:
    return FIRST_YEAR < year < LAST_YEAR


def _days(named: NamedDate, years: Iterable[int]) -> list[date]:
    """The dates with this month and day in the given years, if they exist."""
    days = []
    for year in filter(_is_known, years):
        try:
            days.append(date(year, named.month, named.day))
        except ValueError:
            continue
    return days


@lru_cache(maxsize=1_000)
def _observances_on(day: date) -> tuple[Observance, ...]:
    """The observances on a day. Islamic observances also count a day before and after their dates."""
    rows = [observances()[key] for key in observances_between(day, day)]
    beside = (key for near in (day - _DAY, day + _DAY) for key in observances_between(near, near))
    return (*rows, *(observances()[key] for key in beside if observances()[key].calendar == "islamic"))


def _covers(observance: Observance, day: date) -> bool:
    """Whether an observance, which may span years, falls on a day; or on the next, if it is Islamic."""
    near = timedelta(days=int(observance.calendar == "islamic"))
    return any(
        first - near <= day <= last + near
        for year in range(day.year - 1, day.year + 2)
        for first, last in observance.spans(year)
    )


@lru_cache(maxsize=1_000)
def _is_feast(day: date) -> bool:
    """Whether a day is a festive one of the Hebrew calendar."""
    rows = (observances()[key] for key in observances_between(day, day))
    return any(row.calendar == "hebrew" and row.tone == "fine" for row in rows)
