"""The namespaces of the taxonomy, and the fields of an incident that hold their terms."""

from __future__ import annotations

PRIMARY_CATEGORY = "category"
SECONDARY_CATEGORIES = "secondary_categories"
"""Fields that hold terms of the namespace `category`: exactly one, and any number of others."""

CLASSIFICATIONS = {
    "failure_modes": "failure_mode",
    "themes": "theme",
    "platforms": "platform",
}
"""Fields of an incident that hold several terms, and the namespace of each."""

NAMESPACES = ("category", "failure_mode", "theme", "platform", "industry", "response")
"""Every namespace of the taxonomy, in display order."""
