"""Which facts of an incident lift it a little in search, among others that match as well."""

from __future__ import annotations

SEVERITY, RECENCY = "severity", "recency"

ALL_BOOSTS = frozenset({SEVERITY, RECENCY})
