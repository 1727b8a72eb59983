"""The sort orders of incident lists and of search hits, and what raises a hit."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class SortField(StrEnum):
    """A field that incidents are sorted by. Unknown values come last in both directions."""

    OCCURRED_ON = "occurred_on"
    PUBLISHED_AT = "published_at"
    UPDATED_AT = "updated_at"
    SEVERITY = "severity"
    TITLE = "title"


class ListOrder(NamedTuple):
    """An order of incidents. Ties are broken by the day they occurred on, latest first."""

    field: SortField
    descending: bool

    def __str__(self) -> str:
        return f"{'-' if self.descending else ''}{self.field}"


LIST_ORDERS = {
    str(order): order
    for field in SortField
    for order in (ListOrder(field, descending=False), ListOrder(field, descending=True))
}
"""The orders of a list by name; names of descending orders begin with `-`."""

LATEST_FIRST = ListOrder(SortField.OCCURRED_ON, descending=True)

RELEVANCE = "relevance"
"""The search order that puts the best matches first."""

HIT_ORDERS: dict[str, ListOrder | None] = {RELEVANCE: None, **LIST_ORDERS}
"""The orders of a search by name; None for RELEVANCE. In the others, good matches come first."""

SEVERITY, RECENCY = "severity", "recency"
ALL_BOOSTS = frozenset({SEVERITY, RECENCY})
"""Properties of an incident that raise it slightly above equally good search results."""
