"""The orders in which a search lists its hits."""

from __future__ import annotations

from enum import StrEnum


class HitOrder(StrEnum):
    """An order of hits. In those by date and by severity, what matches well comes first."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    SEVERITY = "severity"
