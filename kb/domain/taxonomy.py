"""The namespaces of the taxonomy, and the incident fields that hold their terms."""

from __future__ import annotations

PRIMARY_CATEGORY = "category"
SECONDARY_CATEGORIES = "secondary_categories"
"""Fields for terms of the namespace `category`: exactly one, and any number of others."""

CLASSIFICATIONS = {
    "failure_modes": "failure_mode",
    "themes": "theme",
    "platforms": "platform",
}
"""Incident fields that hold several terms, with their namespaces."""

NAMESPACES = ("category", "failure_mode", "theme", "platform", "industry", "response")
"""Every namespace of the taxonomy, in display order."""
