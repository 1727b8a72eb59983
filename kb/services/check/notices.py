"""Notes on a check as a whole, and on the draft as submitted, in both languages."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from kb.date_words import day_text
from kb.services.taxonomy.listing import label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from kb.domain.draft import Draft

NOTICE = {
    "en": (
        "A check sees only what it has guards and precedents for. No finding and no precedent does not mean "
        "that a draft is safe: have a person read it."
    ),
    "he": (
        "הבדיקה רואה רק את מה שיש לה כללים ותקדימים לגביו. אם לא נמצא דבר ואין תקדים, "
        "זה לא אומר שהטיוטה בטוחה: כדאי שגם אדם יקרא אותה."
    ),
}
"""The notice in every check's result."""

_PAST: Mapping[str, str] = {
    "en": "The scheduled time ({when}) has already passed. The draft was checked as of then.",
    "he": "מועד הפרסום ({when}) כבר עבר. הטיוטה נבדקה לפי המועד הזה.",
}
_MARGIN = timedelta(minutes=1)
"""How long ago a scheduled time may be before it is called past: clocks differ, and a check takes time."""


def draft_notes(draft: Draft, languages: Sequence[str], now: datetime) -> list[dict[str, str]]:
    """Notes for the author of a draft beside its findings, each with a pointer to its field.

    A scheduled time in the past is accepted, since posts are also checked later, but it is often a mistake.
    """
    at = draft.scheduled_at
    if at is None or at >= now - _MARGIN:
        return []
    said = {language: text.format(when=_moment_text(at, language)) for language, text in _PAST.items()}
    return [{"pointer": "/scheduled_at", "detail": label(said, languages)}]


def _moment_text(at: datetime, language: str) -> str:
    """A moment in its own time zone: `November 23, 2018, 09:00 UTC-05:00`."""
    offset = at.isoformat(timespec="minutes")[16:].replace("+00:00", "")
    return f"{day_text(at.date(), language)}, {at:%H:%M} UTC{offset}"
