"""The namespaces of the taxonomy, the incident fields that hold their terms, and replacements of terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PRIMARY_CATEGORY = "category"
SECONDARY_CATEGORIES = "secondary_categories"
"""Fields for terms of the namespace `category`: exactly one, and any number of others."""

CLASSIFICATIONS = {"failure_modes": "failure_mode", "themes": "theme", "platforms": "platform"}
"""Incident fields that hold several terms, with their namespaces."""

NAMESPACES = ("category", "failure_mode", "theme", "platform", "industry", "response")
"""Every namespace of the taxonomy, in display order."""


def replacements(terms: Iterable[tuple[str, str | None]]) -> Mapping[str, str]:
    """Map retired terms to what replaces them now, given the keys of a namespace and what replaces each.

    Chains of replacements are followed. An unknown replacement is ignored, as is one that leads to a cycle.
    """
    next_key = dict(terms)
    found = {}
    for key in next_key:
        seen, current = {key}, key
        while (following := next_key[current]) in next_key and following not in seen:
            assert following is not None
            seen.add(following)
            current = following
        if current != key and next_key[current] not in seen:
            found[key] = current
    return found
