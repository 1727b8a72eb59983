"""Time zones by name and by country, and the local times there."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from kb.messages import Message

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from collections.abc import Set as AbstractSet


@lru_cache(maxsize=1)
def time_zone_names() -> AbstractSet[str]:
    """The IANA names of all time zones."""
    return frozenset(available_timezones())  # reads every file of the database


def find_time_zone(name: str) -> ZoneInfo | None:
    """The time zone with an IANA name, as it is spelled; None if there is none."""
    return _zone(name) if name in time_zone_names() else None


def unknown_zone(name: str) -> Message:
    """The message about a name that no time zone has."""
    return Message("There is no time zone {name!r}. Write one such as Asia/Jerusalem.", name=name[:100])


@lru_cache(maxsize=1_000)
def local_times(moment: datetime, country: str) -> tuple[datetime, ...]:
    """The distinct local times of a moment in the time zones of a country.

    `country` is a two-letter code; for an unknown one, returns only the moment as given.
    """
    zones = _zones_by_country().get(country, ())
    by_clock = {(local := moment.astimezone(_zone(name))).replace(tzinfo=None): local for name in zones}
    return tuple(by_clock.values()) or (moment,)


def main_time(moment: datetime, country: str) -> datetime:
    """The local time of a moment where most people of a country live; as given if that is in a zone of it."""
    zone = main_zone(country)
    given = moment.replace(tzinfo=None)
    if zone is None or any(local.replace(tzinfo=None) == given for local in local_times(moment, country)):
        return moment
    return moment.astimezone(zone)


def main_zone(country: str) -> ZoneInfo | None:
    """The most populous time zone of a country, listed first in zone.tab; None for an unknown country."""
    name = next(iter(_names(country)), None)
    return None if name is None else _zone(name)


class ZoneReading(NamedTuple):
    """The zone in which times without an offset were read, and why.

    `origin` is `request` if the request named it, `heading` if the heading of the times did (`Date (UTC)`),
    `country` if it is the zone of the audience's only country, and `reader` if it was assumed from the
    reader.
    """

    zone: tzinfo
    origin: Literal["request", "heading", "country", "reader"]

    @property
    def name(self) -> str:
        """The IANA name of the zone."""
        return str(self.zone)


def only_zone(countries: Collection[str], moment: datetime) -> ZoneInfo | None:
    """The time zone of the only one of `countries`, if its clocks all show the same time in the year from
    `moment` on; else None.
    """
    if len(countries) != 1:
        return None
    (country,) = countries
    months = [moment + timedelta(days=30 * number) for number in range(13)]
    clocks = {
        tuple(month.astimezone(_zone(name)).utcoffset() for month in months) for name in _names(country)
    }
    return main_zone(country) if len(clocks) == 1 else None


def _names(country: str) -> tuple[str, ...]:
    return _zones_by_country().get(country.upper(), ())


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=1)
def _zones_by_country() -> Mapping[str, tuple[str, ...]]:
    """The zone names of each country, from zone.tab of the tzdata package."""
    zones: dict[str, tuple[str, ...]] = {}
    for line in files("tzdata.zoneinfo").joinpath("zone.tab").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            country, _, name = line.split("\t")[:3]
            zones[country] = (*zones.get(country, ()), name)
    return zones
