"""A guard's title and texts in the reader's language, when there is no finding to fill them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from kb.domain.language import choose_language, interface_language

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.domain.guard import Guard

_NAME = re.compile(r"\{(\w+)\}")

_UNFILLED: Mapping[str, Mapping[str, str]] = {
    "kind": {"en": "is unfinished", "he": "הוא טקסט לא גמור"},
    "advice": {"en": "Finish it or take it out", "he": "להשלים או להוציא"},
}
"""Replacements for the names in a guard's text when there is no finding; other names become dots."""

_EDGE = r"[\s“”\"״.:;,–—-]*"
_OPENING = re.compile(rf"^(?:{_EDGE}…)+{_EDGE}")
_ENDING = re.compile(rf"(?:{_EDGE}…)*{_EDGE}$")


class LocalText(NamedTuple):
    """A text in one of its languages."""

    text: str
    language: str


def unfilled(texts: Mapping[str, str], languages: Sequence[str]) -> LocalText | None:
    """A guard's text in the reader's language, with dots in place of quotes; None without any text."""
    if not texts:
        return None
    language = choose_language(languages, list(texts), next(iter(texts)))

    def stand_in(name: re.Match[str]) -> str:
        texts = _UNFILLED.get(name[1])
        return "…" if texts is None else texts[interface_language([language])]

    return LocalText(_NAME.sub(stand_in, texts[language]), language)


def title_of(guard: Guard, languages: Sequence[str]) -> LocalText:
    """The name to show for a guard: its title, else its message without quotes, else its key."""
    if guard.title:
        language = choose_language(languages, list(guard.title), next(iter(guard.title)))
        return LocalText(guard.title[language], language)
    message = unfilled(guard.message, languages)
    if message is None:
        return LocalText(guard.key, "en")
    text = _ENDING.sub("", _OPENING.sub("", message.text))
    return LocalText(f"{text[0].upper()}{text[1:]}" if text else guard.key, message.language)
