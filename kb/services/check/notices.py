"""Notes on a check as a whole, and on the draft as submitted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from kb.date_words import day_text
from kb.domain.language import interface_language
from kb.messages import Message
from kb.translation import translated

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from kb.domain.draft import Draft

_NOTICE = Message(
    "A check sees only what it has guards and precedents for. No finding and no precedent does not mean "
    "that a draft is safe: have a person read it."
)
_PAST = Message("The scheduled time ({when}) has already passed. The draft was checked as of then.")
_UNSTORED = Message(
    "The check is complete, but its receipt could not be stored just now. Check again in a moment to leave "
    "one."
)
_MARGIN = timedelta(minutes=1)
"""How long ago a scheduled time may be before it is called past: clocks differ, and a check takes time."""


def notice(languages: Sequence[str]) -> str:
    """The notice in every check's result, in the reader's language."""
    return translated(_NOTICE, interface_language(languages))


def draft_notes(draft: Draft, languages: Sequence[str], now: datetime) -> list[dict[str, str]]:
    """Notes for the author of a draft beside its findings, each with a pointer to its field.

    A scheduled time in the past is accepted, since posts are also checked later, but it is often a mistake.
    """
    at = draft.scheduled_at
    if at is None or at >= now - _MARGIN:
        return []
    language = interface_language(languages)
    detail = translated(_PAST, language).format(when=_moment_text(at, language))
    return [{"pointer": "/scheduled_at", "detail": detail}]


def unstored_note(languages: Sequence[str]) -> dict[str, str]:
    """The note for a check whose receipt could not be stored; it points to the whole draft."""
    return {"pointer": "", "detail": translated(_UNSTORED, interface_language(languages))}


def _moment_text(at: datetime, language: str) -> str:
    """A moment in its own time zone: `November 23, 2018, 09:00 UTC-05:00`."""
    offset = at.isoformat(timespec="minutes")[16:].replace("+00:00", "")
    return f"{day_text(at.date(), language)}, {at:%H:%M} UTC{offset}"
