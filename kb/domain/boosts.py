"""Properties of an incident that raise it slightly above equally good search results."""

from __future__ import annotations

SEVERITY, RECENCY = "severity", "recency"

ALL_BOOSTS = frozenset({SEVERITY, RECENCY})
