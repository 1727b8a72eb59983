"""Language negotiation and detection."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"})


def primary_subtag(tag: str) -> str:
    """`en-US` -> `en`."""
    return tag.partition("-")[0].lower()


def text_direction(tag: str) -> str:
    """The direction of text in a language, as HTML and SVG name it: `rtl` or `ltr`."""
    return "rtl" if primary_subtag(tag) in _RIGHT_TO_LEFT else "ltr"


def choose_language(preferred: Iterable[str], available: Sequence[str], fallback: str) -> str:
    """The first preferred language that is available, else the fallback.

    An exact match wins. Otherwise `en-GB` is satisfied by `en` or by another `en-...`.
    """
    for tag in preferred:
        if tag in available:
            return tag
        for candidate in available:
            if primary_subtag(candidate) == primary_subtag(tag):
                return candidate
    return fallback


def languages_for(languages: Sequence[str], text: str) -> tuple[str, ...]:
    """The reader's languages, else the one that the script of a text implies."""
    return tuple(languages) or tuple(tag for tag in [script_language(text)] if tag)


def script_language(text: str) -> str | None:
    """Return "he" if most letters are Hebrew, else None: no other script implies one language."""
    hebrew = sum("\u05d0" <= c <= "\u05ea" for c in text)
    return "he" if hebrew * 2 > sum(c.isalpha() for c in text) else None
