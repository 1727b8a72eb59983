"""Fields that an incident needs at each stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

REQUIRED_FOR_DRAFT = ("title", "organization", "category")
"""Enforced by the input schema."""

REQUIRED_TO_PUBLISH = (*REQUIRED_FOR_DRAFT, "occurred_on", "summary", "cause", "outcome", "lessons")
"""In the order of the postmortem template."""

REQUIRED_IN_TRANSLATION = ("summary", "cause", "outcome")
"""Besides the title, and only if the original has them."""

RECOMMENDED = ("why_failure", "alternative", "severity", "failure_modes", "platforms", "sources")
"""Optional fields that make an incident more useful and easier to find."""


def empty_fields(state: Mapping[str, object], fields: Sequence[str]) -> list[str]:
    """The fields that are empty in a state of an incident."""
    return [name for name in fields if not state[name]]
