"""Countries: their names in the language of the interface, and the reader's likely country."""

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
"""Languages that imply a country without naming it."""


def country_name(code: str) -> str:
    """Return the name of a country by its two-letter code."""
    return str(Locale.parse(interface_language()).territories.get(code, code))


def named_countries(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Return countries with their names, sorted by name."""
    return sorted(((code, country_name(code)) for code in codes), key=lambda pair: pair[1].casefold())


def likely_country() -> str | None:
    """Return the country implied by the languages of the URL or the browser; None if there is none."""
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
    """Return the name of the likely country, as the initial value of a field; empty without one.

    Without a country, a check sees no national day of mourning.
    """
    code = likely_country()
    return country_name(code) if code else ""
