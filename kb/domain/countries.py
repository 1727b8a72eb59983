"""Countries with a two-letter ISO 3166-1 code, from iso3166.tab of the tzdata package."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

_KOSOVO = "XK"
"""Kosovo's code is not assigned by ISO, but in general use, as in CLDR."""


def is_country(code: str) -> bool:
    """Whether an upper-case code names a country; XX, ZZ and groups such as EU do not."""
    return code in _codes()


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    lines = files("tzdata.zoneinfo").joinpath("iso3166.tab").read_text("utf-8").splitlines()
    return frozenset(line.split("\t", 1)[0] for line in lines if not line.startswith("#")) | {_KOSOVO}
