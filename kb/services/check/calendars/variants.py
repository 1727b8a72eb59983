"""Calendars with several columns of text: one for each platform or language, or of several usual names.

`Facebook copy` and `טקסט לאינסטגרם`, `Post copy (EN)` and `Caption HE`, `Copy` and `Caption`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb.domain.text import fold
from kb.services.infrastructure.column_names import column_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WORD = re.compile(r"[^\W_]+")

_TEXT_WORDS = frozenset(
    "text copy post caption content message body version variant for in translation "
    "טקסט קופי תוכן פוסט כיתוב הודעה מלל גרסה גרסת נוסח תרגום".split()
)
"""Words in headings beside the name of a platform or a language."""

_PLATFORMS = frozenset(
    "facebook fb instagram ig insta linkedin li twitter x tiktok youtube threads pinterest whatsapp telegram "
    "email newsletter sms reddit snapchat bluesky "
    "פייסבוק פיסבוק אינסטגרם אינסטה לינקדאין לינקדין טוויטר אקס טיקטוק יוטיוב "
    "ווטסאפ וואטסאפ טלגרם מייל אימייל ניוזלטר דיוור".split()
)

_LANGUAGES = frozenset(
    "en eng english he heb hebrew iw ar arabic ru rus russian fr french francais es spanish espanol de "
    "german deutsch italian pt portuguese nl dutch pl polish tr turkish ua ukrainian amharic "
    "yi yiddish zh chinese ja japanese "
    "עברית עבר עב אנגלית אנג ערבית רוסית צרפתית ספרדית גרמנית איטלקית פורטוגזית אמהרית "
    "אוקראינית יידיש".split()
)
"""Names and codes of languages, but for codes that are words of headings: it, no, is, id."""

_NAMES = _PLATFORMS | _LANGUAGES

_REGION = re.compile(r"\b(en|es|pt|fr|de|ar|he|zh)[-_](?:us|gb|uk|il|br|pt|mx|fr|ca|de|eg|sa|ae|cn|tw)\b")

_USUAL = frozenset(
    (
        "text, copy, post text, post copy, copy text, ad copy, caption, tweet, translation, translated copy, "
        "טקסט, קופי, כיתוב, מלל, טקסט הפוסט, טקסט לפוסט, תוכן הפוסט, תרגום, טקסט מתורגם"
    ).split(", ")
)
"""Headings of texts that are published as they are. A "content" or "message" column beside them may be a
plan."""


def text_variants(header: Sequence[str], *, bare: bool) -> Iterator[tuple[int, str]]:
    """Yield the index of each column with the text for one platform or language, and the platform's name in
    the heading, empty without one.

    With `bare`, a name alone counts as well; beside a text column, it may be a checkbox, unless a Hebrew
    preposition is attached to it.
    """
    for index, name in enumerate(header):
        words = _WORD.findall(_REGION.sub(r"\1", fold(name)))
        named = [word for word in words if word not in _TEXT_WORDS]
        platforms = [_without_preposition(word, _PLATFORMS) for word in named]
        languages = [_without_preposition(word, _LANGUAGES) for word in named]
        if not named or not all(map(any, zip(platforms, languages, strict=True))):
            continue
        if bare or len(named) < len(words) or not _NAMES.issuperset(named):
            yield index, " ".join(filter(None, platforms))


def usual_texts(header: Sequence[str]) -> Iterator[int]:
    """Yield the indexes of columns with a usual name of a text or of its translation."""
    for index, name in enumerate(header):
        if column_key(name) in _USUAL:
            yield index


def names_platform(text: str) -> bool:
    """Whether a cell contains the name of a platform."""
    return not _PLATFORMS.isdisjoint(_WORD.findall(fold(text)))


def _without_preposition(word: str, names: frozenset[str]) -> str | None:
    """The name that a word is; in Hebrew, a preposition may be attached."""
    if word in names:
        return word
    return word[1:] if word[:1] in ("ל", "ב") and word[1:] in names else None
