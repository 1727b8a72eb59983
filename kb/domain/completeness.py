"""What an incident must say before others learn from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DRAFT_NEEDS = ("title", "organization", "category")
"""What a draft must say; the form of the input sees to it."""

PUBLISHED_NEEDS = (*DRAFT_NEEDS, "occurred_on", "summary", "cause", "outcome", "lessons")
"""What a published incident must say, in the order in which a form asks for it."""

TRANSLATION_NEEDS = ("summary", "cause", "outcome")
"""What a translation must say beside the title, where the original says it."""

RECOMMENDED = ("why_failure", "alternative", "severity", "failure_modes", "platforms", "sources")
"""What makes an incident more useful, and more easily found."""


def missing(state: Mapping[str, object], fields: Sequence[str]) -> list[str]:
    """Those of the fields that say nothing."""
    return [name for name in fields if not state[name]]
