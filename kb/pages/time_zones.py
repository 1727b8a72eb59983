"""The time zones to choose from, by continent."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

_CONTINENTS = (
    "Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific",
)  # fmt: skip


def time_zone_groups(present: str | None) -> dict[str, list[tuple[str, str]]]:
    """By continent, the zones' IANA names with the names of their cities; first UTC, and the `present` one if
    it is another that is not among them."""
    groups = _groups()
    names = ["UTC"]
    if present not in {"UTC", None, *(name for zones in groups.values() for name, _ in zones)}:
        names.append(str(present))
    return {"": [(name, name) for name in names], **groups}


@cache
def _groups() -> dict[str, list[tuple[str, str]]]:
    groups: dict[str, list[tuple[str, str]]] = {continent: [] for continent in _CONTINENTS}
    for name in sorted(available_timezones()):
        continent, _, city = name.partition("/")
        if continent in groups:
            groups[continent].append((name, city.replace("_", " ")))
    return groups
