"""Countries: ISO 3166-1 codes, and lists of them as people write them: `IL, USA and Canada`, `ישראל`."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from babel import Locale

from kb.domain.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LIST_SEPARATOR = re.compile(r"[,;/|+\n]")
_CONJUNCTION = re.compile(r"&|\band\b", re.IGNORECASE)
_SIGNS = re.compile(r"(?:[\W_]|\b(?:and|the)\b)+")
_OTHER_NAMES: Mapping[str, str] = {
    **dict.fromkeys(("USA", "U.S.", "U.S.A.", "America", "United States of America"), "US"),
    **dict.fromkeys(('ארה"ב', "ארהב", "אמריקה"), "US"),
    **dict.fromkeys(
        ("UK", "U.K.", "Britain", "Great Britain", "England", "Scotland", "Wales", "אנגליה"), "GB"
    ),
    **dict.fromkeys(("UAE", "Emirates", "איחוד האמירויות", "האמירויות"), "AE"),
    **dict.fromkeys(("Turkey", "תורכיה"), "TR"),
    **dict.fromkeys(("Czech Republic", "הרפובליקה הצ'כית"), "CZ"),
    **dict.fromkeys(("Korea", "קוריאה"), "KR"),
    **dict.fromkeys(("Hong Kong", "הונג קונג"), "HK"),
    "Holland": "NL",
}
"""Common names of countries that CLDR lacks."""

_KOSOVO = "XK"
"""Kosovo's code is not assigned by ISO, but in general use, as in CLDR."""


MAX_NAMES = 250
"""Maximum number of names read from a list: there are about as many countries."""

_MAX_NAME_LENGTH = 100
_REST = "…"


def read_countries(text: str) -> tuple[list[str], list[str]]:
    """The codes of the countries that a text lists, and the names that are not recognized.

    After MAX_NAMES names, a single `…` among the unrecognized ones stands for the rest.
    """
    known, unknown = [], []
    for count, name in enumerate(filter(str.strip, _names(text))):
        if count == MAX_NAMES:
            unknown.append(_REST)
            break
        code = _codes().get(_key(name))
        if code is None:
            unknown.append(name.strip())
        else:
            known.append(code)
    return list(dict.fromkeys(known)), unknown


def _names(text: str) -> Iterator[str]:
    """Split a list into names. A part that is not a country may hold several: `US IL`, `France and Spain`."""
    for part in _LIST_SEPARATOR.split(text):
        for piece in [part] if _key(part) in _codes() else _CONJUNCTION.split(part):
            yield from [piece] if _key(piece) in _codes() else piece.split()


@cache
def _codes() -> Mapping[str, str]:
    """The codes of countries, by code and by name in English and Hebrew."""
    codes = {}
    for language in ("en", "he"):
        for code, name in Locale.parse(language).territories.items():
            if is_country(code):
                codes[_key(name)] = codes[_key(code)] = code
    return {**codes, **{_key(name): code for name, code in _OTHER_NAMES.items()}}


def _key(name: str) -> str:
    """A key shared by the spellings of a name; empty for a text too long to be a name."""
    return "" if len(name) > _MAX_NAME_LENGTH else _SIGNS.sub(" ", fold(name)).strip()


def is_country(code: str) -> bool:
    """Whether an upper-case code names a country; XX, ZZ and groups such as EU do not."""
    return code in _iso_codes()


@cache
def _iso_codes() -> frozenset[str]:
    lines = files("tzdata.zoneinfo").joinpath("iso3166.tab").read_text("utf-8").splitlines()
    return frozenset(line.split("\t", 1)[0] for line in lines if not line.startswith("#")) | {_KOSOVO}
