"""The filter of incidents that lists, search and trends share."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from kb.domain.incident import Kind, Status
from kb.domain.links import link_key
from kb.domain.taxonomy import NAMESPACES

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from datetime import date, datetime

QueryParameters = tuple[tuple[str, str], ...]
"""Names and values of query parameters; a name may repeat."""

DEFAULT_STATUSES = (Status.DRAFT, Status.IN_REVIEW, Status.PUBLISHED)
"""The statuses of a filter that names none: a withdrawn incident is found only by its status."""

DIMENSIONS = (*NAMESPACES, "organization", "team", "severity", "language", "kind")
"""The dimensions that incidents can be grouped by."""

FACETS = (*NAMESPACES, "severity", "year", "language", "collection")
"""What the hits of a search can be counted by: terms, levels of severity, years, primary languages, and
collections."""

OVERLAPPING_DIMENSIONS = frozenset(NAMESPACES) - {"industry"} | {"language"}
"""The dimensions in which an incident may be in several groups, so that their counts do not add up."""

UNKNOWN_KEY = "~unknown"
"""The key of the group of incidents whose value of a dimension is unknown: no other key begins like this.

A text, since null is an empty cell in CSV, where pandas takes it, `none` in some spellings, and other words
for a missing value, and drops the group.
"""

UNKNOWN_ALIAS = "none"
"""Stands for UNKNOWN_KEY in a filter, as links of version 0.2 write it."""


def group_key(key: str) -> str:
    """A key as a filter by groups writes it: percent-encoded, and not to be mistaken for UNKNOWN_ALIAS."""
    return "%6Eone" if key == UNKNOWN_ALIAS else quote(key, safe="")


class KnownField(StrEnum):
    """A measurement that the filter `known` requires."""

    SEVERITY = "severity"
    ACKNOWLEDGED = "acknowledged"
    REMOVED = "removed"


class GroupFilter(NamedTuple):
    """An incident is in any of some groups of a dimension or, negated, in none of them.

    `values` are keys, percent-encoded; UNKNOWN_KEY is the group of incidents whose value is unknown.
    """

    dimension: str
    values: tuple[str, ...]
    negated: bool = False

    def __str__(self) -> str:
        return f"{'-' if self.negated else ''}{self.dimension}:{'|'.join(self.values)}"


class Loss(NamedTuple):
    """A loss of market value whose amount is known, in a currency: alleged, or established."""

    currency: str
    alleged: bool

    def __str__(self) -> str:
        return f"{self.currency}:alleged" if self.alleged else self.currency


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFilter:
    """Conditions that all hold; one with several values holds for any of them. None or empty: no condition.

    `terms` maps namespaces to keys of terms; `organizations`, `tags` and `collections` are keys as well; a
    language stands for its variants, too. `sources` are addresses that an incident cites, each in one of its
    spellings. An incident may have occurred on or after `first`, and on or before
    `last`.

    The rest drills down from a number of a report to its incidents; search does not support it. All days on
    which an incident may have occurred lie `within` two days; it was `published` from one moment on, and
    before another; each of `groups`, `known` and `losses` must hold.
    """

    terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    organizations: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = DEFAULT_STATUSES
    kinds: tuple[Kind, ...] = ()
    tags: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    severities: tuple[int, ...] | None = None
    first: date | None = None
    last: date | None = None
    within: tuple[date | None, date | None] = (None, None)
    published: tuple[datetime | None, datetime | None] = (None, None)
    groups: tuple[GroupFilter, ...] = ()
    known: tuple[KnownField, ...] = ()
    losses: tuple[Loss, ...] = ()

    @property
    def source_keys(self) -> tuple[str, ...]:
        """The keys of `sources`."""
        return tuple(map(link_key, self.sources))

    @property
    def key(self) -> Hashable:
        """Equal for filters that mean the same."""
        terms = tuple((namespace, tuple(keys)) for namespace, keys in self.terms.items())
        return (
            terms, self.organizations, self.languages, self.statuses, self.kinds, self.tags,
            self.source_keys, self.collections, self.severities, self.first, self.last, self.within,
            self.published, self.groups, self.known, self.losses,
        )  # fmt: skip
