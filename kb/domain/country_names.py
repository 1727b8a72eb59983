"""Countries as people write them, by code or by name: `IL, United States`, `USA and Canada`, `ישראל`."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from babel import Locale

from kb.domain.countries import is_country
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
"""What people call a country beside its name in CLDR."""


MAX_NAMES = 250
"""How many names of a list are read: there are as many countries."""

_MAX_NAME_LENGTH = 100
_REST = "…"


def read_countries(text: str) -> tuple[list[str], list[str]]:
    """The codes of the countries that a text lists, and what names no country.

    After MAX_NAMES, one `…` stands for the rest, which names no country either.
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
    """The names of a list. A part that is no country may be several, as in `US IL` or `France and Spain`."""
    for part in _LIST_SEPARATOR.split(text):
        for piece in [part] if _key(part) in _codes() else _CONJUNCTION.split(part):
            yield from [piece] if _key(piece) in _codes() else piece.split()


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
    """What spellings of a name have in common; nothing for a text that is too long to be one."""
    return "" if len(name) > _MAX_NAME_LENGTH else _SIGNS.sub(" ", fold(name)).strip()
