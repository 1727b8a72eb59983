"""Language negotiation and detection."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"})

DEFAULT_LANGUAGE = "en"
"""The language of a text if it is neither given nor certain, and the team has no default."""

INTERFACE_LANGUAGES = ("en", "he")
"""The languages of the user interface and the command line."""

_LATIN = (
    "en", "de", "fr", "es", "pt", "it", "nl", "sv", "da", "nb", "nn", "fi", "is", "pl", "cs", "sk", "hu",
    "ro", "hr", "sl", "sq", "lt", "lv", "et", "tr", "az", "id", "vi", "tl", "sw", "af", "ca", "eu", "ga",
    "cy", "mt",
)  # fmt: skip

_SCRIPTS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(f"[{letters}]"), languages)
    for letters, languages in (
        ("\u05d0-\u05ea\u05ef-\u05f2\ufb1d-\ufb4f", ("he",)),
        ("\u0620-\u064a\u066e-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06ff\u0750-\u077f", ("ar", "fa", "ur", "ps")),
        ("\u0400-\u0481\u048a-\u052f", ("ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "mn", "tg")),
        ("\u0370-\u03ff\u1f00-\u1fff", ("el",)),
        ("\u0531-\u0556\u0561-\u0587", ("hy",)),
        ("\u10a0-\u10ff\u1c90-\u1cbf", ("ka",)),
        ("\u0900-\u097f", ("hi", "mr", "ne")),
        ("\u0980-\u09ff", ("bn", "as")),
        ("\u0a00-\u0a7f", ("pa",)),
        ("\u0a80-\u0aff", ("gu",)),
        ("\u0b00-\u0b7f", ("or",)),
        ("\u0b80-\u0bff", ("ta",)),
        ("\u0c00-\u0c7f", ("te",)),
        ("\u0c80-\u0cff", ("kn",)),
        ("\u0d00-\u0d7f", ("ml",)),
        ("\u0d80-\u0dff", ("si",)),
        ("\u0e00-\u0e7f", ("th",)),
        ("\u0e80-\u0eff", ("lo",)),
        ("\u1000-\u109f", ("my",)),
        ("\u1200-\u137f", ("am",)),
        ("\u1780-\u17ff", ("km",)),
        ("\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3", ("ko",)),
        ("\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff", ("zh", "ja")),
        ("A-Za-zÀ-ÖØ-öø-ɏḀ-ỿＡ-Ｚａ-ｚ", _LATIN),
    )
)
"""Letters of each script, and the supported languages written in it."""

_KANA = re.compile("[\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f]")
_DENSE = re.compile("[\u3041-\u30ff\uff66-\uff9f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]")
"""Characters that carry as much information as two or three letters."""

_MAX_CHARACTERS = 2_000
"""Only this many characters of a text are examined."""


class LanguageSource(StrEnum):
    """How the language of a text is known: given with it, detected in it, or assumed to be the team's."""

    GIVEN = "given"
    DETECTED = "detected"
    ASSUMED = "assumed"


def primary_subtag(tag: str) -> str:
    """The primary subtag: `en-US` -> `en`."""
    return tag.partition("-")[0].lower()


def in_language(tag: str, language: str) -> bool:
    """Whether a tag is a language or one of its variants: `en-GB` is `en`, and `en` is not `en-GB`.

    This is basic filtering (RFC 4647); both tags must be in canonical form.
    """
    return tag == language or tag.startswith(f"{language}-")


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


def interface_language(languages: Iterable[str]) -> str:
    """The interface language that best matches a reader's languages: `en` or `he`."""
    return choose_language(languages, INTERFACE_LANGUAGES, DEFAULT_LANGUAGE)


def languages_for(languages: Sequence[str], text: str) -> tuple[str, ...]:
    """The reader's languages, else the one that the script of a text implies."""
    return tuple(languages) or tuple(tag for tag in [script_language(text)] if tag)


def script_language(text: str) -> str | None:
    """The language implied by the script of most letters of a text: "he", "el", "ja".

    None if the script has several languages, as Latin does, or if no script has a majority.
    """
    languages = () if text.isascii() else candidate_languages(text)
    return languages[0] if len(languages) == 1 else None


def shorthand_language(text: str) -> str:
    """The language of a text that is sent without one: Hebrew if its script is, else English."""
    return "he" if script_language(text) == "he" else DEFAULT_LANGUAGE


def candidate_languages(text: str, share: float = 0.5) -> tuple[str, ...]:
    """The languages of the script with more than this share of a text's letters; empty if there is none.

    If several scripts qualify, one that is not Latin wins.
    """
    text = text[:_MAX_CHARACTERS]
    if text.isascii():  # fast path (ten times as fast) for nearly all texts
        return _LATIN if any(map(str.isalpha, text)) else ()
    dense = len(_DENSE.findall(text))
    total = sum(map(str.isalpha, text)) + dense
    for letters, languages in _SCRIPTS:
        found = letters.findall(text)
        weight = len(found) + (len(_DENSE.findall("".join(found))) if dense else 0)
        if weight > share * total:
            # Chinese borrows the occasional kana; every Japanese sentence has some.
            japanese = "ja" in languages and len(_KANA.findall(text)) * 10 >= len(found)
            return ("ja",) if japanese else languages
    return ()
