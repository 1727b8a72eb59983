"""The request for a check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from kb.domain.draft import Draft


@dataclass(frozen=True, slots=True)
class Suppression:
    """A guard to ignore for a draft, the reason, and the end date (None: no end)."""

    guard: str
    reason: str
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequest:
    """A draft to check.

    With `keep_text`, the receipt stores the text. `weak` always includes weak precedents, whatever the draft
    is like.
    """

    draft: Draft
    keep_text: bool = False
    suppress: tuple[Suppression, ...] = ()
    weak: bool = False
