"""Calendars with a column of text for each platform: `Facebook copy`, `טקסט לאינסטגרם`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb.domain.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WORD = re.compile(r"[^\W_]+")

_TEXT_WORDS = frozenset(
    "text copy post caption content message body version variant for "
    "טקסט קופי תוכן פוסט כיתוב הודעה מלל גרסה גרסת נוסח".split()
)
"""Words in headings beside the name of a platform."""

_PLATFORMS = frozenset(
    "facebook fb instagram ig insta linkedin li twitter x tiktok youtube threads pinterest whatsapp telegram "
    "email newsletter sms reddit snapchat bluesky "
    "פייסבוק פיסבוק אינסטגרם אינסטה לינקדאין לינקדין טוויטר אקס טיקטוק יוטיוב "
    "ווטסאפ וואטסאפ טלגרם מייל אימייל ניוזלטר דיוור".split()
)


def text_variants(header: Sequence[str], *, bare: bool) -> Iterator[tuple[int, str]]:
    """Yield the place of each column with the text for one platform, and the platform's name in the heading.

    With `bare`, a platform name alone counts as well; beside a text column, it may be a checkbox.
    """
    for place, name in enumerate(header):
        words = _WORD.findall(fold(name))
        others = [_platform(word) for word in words if word not in _TEXT_WORDS]
        if others and all(others) and (bare or len(others) < len(words) or _has_preposition(words)):
            yield place, " ".join(filter(None, others))


def names_platform(text: str) -> bool:
    """Whether a cell contains the name of a platform."""
    return not _PLATFORMS.isdisjoint(_WORD.findall(fold(text)))


def _platform(word: str) -> str | None:
    """The platform that a word names; in Hebrew, a preposition may be attached."""
    if word in _PLATFORMS:
        return word
    return word[1:] if word[:1] == "ל" and word[1:] in _PLATFORMS else None


def _has_preposition(words: Sequence[str]) -> bool:
    return any(word not in _PLATFORMS and _platform(word) for word in words)
