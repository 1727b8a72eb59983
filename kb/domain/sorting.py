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


class HitOrder(StrEnum):
    """An order of hits. In those by date and by severity, what matches well comes first."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    SEVERITY = "severity"
