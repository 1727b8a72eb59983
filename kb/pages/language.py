"""The language of the interface: English or Hebrew. Only this module uses Flask-Babel."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import g, request
from flask_babel import Babel, get_locale, refresh

from kb.translation import translated
from kb.web.current_actor import current_actor
from kb.web.languages import known_language

if TYPE_CHECKING:
    from flask import Blueprint, Flask

LANGUAGES = {"en": "English", "he": "עברית"}
"""The languages of the interface, each by its own name."""

_HEBREW = re.compile("[א-ת]")
_TRANSLATIONS = Path(__file__).parent / "translations"


def install_languages(app: Flask, blueprint: Blueprint) -> None:
    """Translate the interface. A language in the URL is kept in all links of a page."""
    Babel(app, locale_selector=interface_language, default_translation_directories=str(_TRANSLATIONS))
    blueprint.app_context_processor(lambda: {"locale": get_locale(), "languages": LANGUAGES})

    @app.url_defaults
    def keep_language(endpoint: str, values: dict[str, Any]) -> None:
        asked = known_language(request.args.get("lang", "")) if request else None
        if asked and endpoint.startswith("pages.") and endpoint != "pages.static_file":
            values.setdefault("lang", asked)


def interface_language() -> str:
    """Return the language of `?lang=`, else the user's, else the browser's, else English."""
    if "language" not in g:
        g.language = _chosen()
    language: str = g.language
    return language


def use_language(language: str) -> None:
    """Switch the current request to a language that the user has just chosen."""
    if language in LANGUAGES:
        g.language = language
        refresh()


def in_interface_language(text: str) -> str:
    """Translate a message of a service or of a schema to the language of the interface."""
    return translated(text, interface_language())


def text_languages() -> list[str]:
    """Return the languages in which a page shows texts of incidents, preferred first."""
    return [interface_language(), *(tag for tag, _ in request.accept_languages)]


def is_in_interface_script(text: str) -> bool:
    """Whether a text has Hebrew letters in the Hebrew interface, or none in the English one."""
    return (_HEBREW.search(text) is not None) is (interface_language() == "he")


def _chosen() -> str:
    asked = known_language(request.args.get("lang", ""))
    if asked:
        return asked
    tags = [current_actor().language or "", *request.accept_languages.values()]
    return next(filter(None, map(known_language, tags)), "en")
