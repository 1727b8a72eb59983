"""The countries of content calendars, by code or by name: `IL, United States`, `ישראל`."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from babel import Locale

from kb.domain.countries import is_country
from kb.domain.text import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

_LIST_SEPARATOR = re.compile(r"[,;/|+&\n]")
_SIGNS = re.compile(r"[\W_]+")
_OTHER_NAMES: Mapping[str, str] = {
    **dict.fromkeys(("USA", "U.S.", "U.S.A.", "America", "United States of America", 'ארה"ב'), "US"),
    **dict.fromkeys(("UK", "U.K.", "Britain", "Great Britain", "England", "אנגליה"), "GB"),
    **dict.fromkeys(("UAE", "Emirates", "איחוד האמירויות"), "AE"),
    "Turkey": "TR",
    "Czech Republic": "CZ",
}
"""What people call a country beside its name in CLDR."""


def read_countries(text: str) -> tuple[list[str], list[str]]:
    """The codes of the countries that a cell lists, and what names no country."""
    known, unknown = [], []
    # Some names have a sign of lists in them: Trinidad & Tobago.
    parts = [text] if _key(text) in _codes() else _LIST_SEPARATOR.split(text)
    for part in filter(str.strip, parts):
        for name in [part] if _key(part) in _codes() else part.split():
            code = _codes().get(_key(name))
            if code is None:
                unknown.append(name.strip())
            else:
                known.append(code)
    return list(dict.fromkeys(known)), unknown


@cache
def _codes() -> Mapping[str, str]:
    """The codes of countries, by their codes and names in English and Hebrew."""
    codes = {}
    for language in ("en", "he"):
        for code, name in Locale.parse(language).territories.items():
            if is_country(code):
                codes[_key(name)] = codes[_key(code)] = code
    return {**codes, **{_key(name): code for name, code in _OTHER_NAMES.items()}}


def _key(name: str) -> str:
    return _SIGNS.sub(" ", fold(name)).strip()
