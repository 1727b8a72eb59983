"""Messages of services, schemas and errors in the reader's language, from the catalogs of this package."""

from __future__ import annotations

import gettext
from functools import cache
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any

from kb.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DOMAIN = "errors"
"""The name of the catalogs: `translations/<language>/LC_MESSAGES/errors.po`."""

_TRANSLATIONS = Path(__file__).parent / "translations"
_ISOLATE, _POP = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"


def translated(text: str, language: str) -> str:
    """Translate a message to `en` or `he`. A plain string, or one not in the catalog, is returned as is."""
    if not isinstance(text, Message) or language == "en":
        return str(text)
    catalog = _catalog(language)
    if text.plural is None:
        template = catalog.gettext(text.template) if text.template else ""
    else:
        template = catalog.ngettext(text.template, text.plural, _number(text))
    return _filled(template, text, language) if text.values else template


def translated_row(row: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Translate the notes and the error of a checked calendar's row."""
    translation = dict(row)
    if notes := row.get("notes"):
        translation["notes"] = translated_details(notes, language)
    if error := row.get("error"):
        translation["error"] = {
            "detail": translated(error["detail"], language),
            "errors": translated_details(error["errors"], language),
        }
    return translation


def translated_details(notes: Iterable[Mapping[str, Any]], language: str) -> list[dict[str, Any]]:
    """Translate the `detail` of each note, error, obstacle or concern."""
    return [{**note, "detail": translated(note["detail"], language)} for note in notes]


def _number(text: Message) -> int:
    number = text.values["num"]
    assert isinstance(number, int)
    return number


def _filled(template: str, text: Message, language: str) -> str:
    values = {
        name: _TranslatedText(translated(value, language)) if isinstance(value, Message) else value
        for name, value in text.values.items()
    }
    return _Isolating().vformat(template, (), values)


@cache
def _catalog(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, _TRANSLATIONS, [language], fallback=True)


class _TranslatedText(str):
    """A value that is already in the language of the surrounding message."""

    __slots__ = ()


class _Isolating(Formatter):
    """Fills in values so that each keeps its direction in the text around it, as `bdi` does in HTML."""

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        """Format quoted values with Hebrew quotation marks."""
        if conversion == "r" and isinstance(value, str):
            return _TranslatedText(f"״{_ISOLATE}{repr(value)[1:-1]}{_POP}״")
        return super().convert_field(value, conversion)

    def format_field(self, value: Any, format_spec: str) -> str:
        text: str = super().format_field(value, format_spec)
        return text if isinstance(value, (_TranslatedText, int, float)) else f"{_ISOLATE}{text}{_POP}"
