"""The time zones of countries: which day and hour it is there."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@lru_cache(maxsize=1_000)
def local_times(moment: datetime, country: str) -> tuple[datetime, ...]:
    """A moment in each time zone of a country, without those that agree on day and hour.

    `country` is a two-letter code; of an unknown one, the moment is as it was given.
    """
    zones = _zones_by_country().get(country, ())
    by_clock = {(local := moment.astimezone(_zone(name))).replace(tzinfo=None): local for name in zones}
    return tuple(by_clock.values()) or (moment,)


def main_zone(country: str) -> ZoneInfo | None:
    """The time zone of most people of a country, which its table lists first; None for an unknown country."""
    name = next(iter(_zones_by_country().get(country.upper(), ())), None)
    return None if name is None else _zone(name)


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=1)
def _zones_by_country() -> Mapping[str, tuple[str, ...]]:
    """The names of the zones of each country, from the zone.tab of the package tzdata."""
    zones: dict[str, tuple[str, ...]] = {}
    for line in files("tzdata.zoneinfo").joinpath("zone.tab").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            country, _, name = line.split("\t")[:3]
            zones[country] = (*zones.get(country, ()), name)
    return zones
