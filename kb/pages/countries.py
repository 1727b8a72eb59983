"""Countries: their names in the language of the interface, and the one that a reader is likely to be in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from babel import Locale
from flask import request
from marshmallow import ValidationError

from kb.pages.language import interface_language
from kb.schemas.country import Country

if TYPE_CHECKING:
    from collections.abc import Iterable

_ONLY_COUNTRY = {"he": "IL"}
"""Languages that mean a country without naming it."""


def country_name(code: str) -> str:
    """The name of a country, by its two letters."""
    return str(Locale.parse(interface_language()).territories.get(code, code))


def named_countries(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Countries with their names, in the order of the names."""
    return sorted(((code, country_name(code)) for code in codes), key=lambda pair: pair[1].casefold())


def likely_country() -> str | None:
    """The country of the languages that the browser or the address asks for; None if they name none."""
    tags = [request.args.get("lang", ""), *request.accept_languages.values()]
    for tag in tags:
        language, _hyphen, region = tag.replace("_", "-").partition("-")
        code = region[-2:] if len(region) >= 2 else _ONLY_COUNTRY.get(language.lower(), "")
        try:
            return str(Country().deserialize(code))
        except ValidationError:
            continue
    return None


def likely_country_name() -> str:
    """The name of the likely country, to begin a field with; empty without one.

    Without a country, no day of mourning of any country is seen.
    """
    code = likely_country()
    return country_name(code) if code else ""
