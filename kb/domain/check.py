"""A check: what is asked of it beside the draft, and what becomes of what it found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from kb.domain.draft import Draft


@dataclass(frozen=True, slots=True)
class Suppression:
    """A guard whose findings do not count for a draft, why, and until when (None: for good)."""

    guard: str
    reason: str
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequest:
    """A draft to check.

    With `keep_text`, the receipt holds the text. `weak` asks for weak precedents too, whatever the draft is
    like.
    """

    draft: Draft
    keep_text: bool = False
    suppress: tuple[Suppression, ...] = ()
    weak: bool = False


class OfferStatus(StrEnum):
    """What became of an example that was offered to a guard."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
