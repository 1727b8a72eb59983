"""The time zones to choose from, by continent."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location

from kb.domain.time_zones import time_zone_names
from kb.pages.language import interface_language
from kb.pages.messages import _l

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.pages.messages import LazyText

_REGIONS = {
    "Africa": "002",
    "America": "019",
    "Antarctica": "AQ",
    "Asia": "142",
    "Australia": "AU",
    "Europe": "150",
}
"""Continents, with the territory codes under which their names are translated."""

_OCEANS: Mapping[str, LazyText] = {
    "Atlantic": _l("Atlantic Ocean"),
    "Indian": _l("Indian Ocean"),
    "Pacific": _l("Pacific Ocean"),
}


def time_zone_groups(present: str | None) -> dict[str, list[tuple[str, str]]]:
    """Return the zones by continent: IANA names with the names of their cities in the reader's language. UTC
    comes first, with the `present` zone if it is not among them."""
    language = interface_language()
    groups = _groups(language)
    names = ["UTC"]
    if present not in {"UTC", None, *(name for zones in groups.values() for name, _ in zones)}:
        names.append(str(present))
    regions = Locale.parse(language).territories
    titles = {key: str(_OCEANS[key]) if key in _OCEANS else regions[_REGIONS[key]] for key in groups}
    return {"": [(name, name) for name in names], **{titles[key]: zones for key, zones in groups.items()}}


def zone_name(name: str) -> str:
    """Return the name of a zone's city in the reader's language; UTC stays as it is."""
    return _city(name, interface_language()) if "/" in name else name


@cache
def _groups(language: str) -> dict[str, list[tuple[str, str]]]:
    groups: dict[str, list[tuple[str, str]]] = {key: [] for key in sorted([*_REGIONS, *_OCEANS])}
    for name in time_zone_names():
        continent = name.partition("/")[0]
        if continent in groups:
            groups[continent].append((name, _city(name, language)))
    for zones in groups.values():
        zones.sort(key=lambda zone: (zone[1], zone[0]))
    return groups


def _city(name: str, language: str) -> str:
    """Return the name of a zone's city. An alias of a zone names its zone, in English."""
    english = name.partition("/")[2].replace("_", " ")
    if language == "en":
        return english
    city = get_timezone_location(name, locale=language, return_city=True)
    return f"{city} ({english})" if name in get_global("zone_aliases") else city
