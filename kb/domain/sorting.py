"""The orders in which lists have incidents, and a search its hits."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class SortField(StrEnum):
    """What incidents are sorted by. Where it is unknown, they come last, in either direction."""

    OCCURRED_ON = "occurred_on"
    PUBLISHED_AT = "published_at"
    UPDATED_AT = "updated_at"
    SEVERITY = "severity"
    TITLE = "title"


class ListOrder(NamedTuple):
    """An order of incidents. Equal ones follow each other by the day they occurred on, the latest first."""

    field: SortField
    descending: bool

    def __str__(self) -> str:
        return f"{'-' if self.descending else ''}{self.field}"


LIST_ORDERS = {
    str(order): order
    for field in SortField
    for order in (ListOrder(field, descending=False), ListOrder(field, descending=True))
}
"""The orders of a list by their names, which begin with `-` where they are descending."""

LATEST_FIRST = ListOrder(SortField.OCCURRED_ON, descending=True)

RELEVANCE = "relevance"
"""The order of a search in which what matches best comes first."""

HIT_ORDERS: dict[str, ListOrder | None] = {RELEVANCE: None, **LIST_ORDERS}
"""The orders of a search by their names; None for RELEVANCE. In others, what matches well comes first."""
