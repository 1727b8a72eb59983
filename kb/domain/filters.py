"""The incident filter shared by lists, search and trends."""

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
"""The statuses of a filter without any: withdrawn incidents must be asked for explicitly."""

DIMENSIONS = (*NAMESPACES, "organization", "team", "severity", "language", "kind")
"""The dimensions that incidents can be grouped by."""

FACETS = (*NAMESPACES, "severity", "year", "language", "collection")
"""The facets of a search: taxonomy terms, severity levels, years, primary languages, and collections."""

OVERLAPPING_DIMENSIONS = frozenset(NAMESPACES) - {"industry"} | {"language"}
"""The dimensions in which an incident may be in several groups, so that their counts do not add up."""

UNKNOWN_KEY = "~unknown"
"""The key of the group of incidents whose value is unknown; keys of values never begin with a tilde.

It is a text because pandas would read an empty cell, `None` and similar words in CSV as missing values, and
drop the group.
"""

UNKNOWN_ALIAS = "none"
"""Accepted for UNKNOWN_KEY in filters, because links of version 0.2 use it."""


def group_key(key: str) -> str:
    """Encode a key for a group filter: percent-encoded, and distinct from UNKNOWN_ALIAS."""
    return "%6Eone" if key == UNKNOWN_ALIAS else quote(key, safe="")


class KnownField(StrEnum):
    """A measurement that the filter `known` requires."""

    SEVERITY = "severity"
    ACKNOWLEDGED = "acknowledged"
    REMOVED = "removed"


class GroupFilter(NamedTuple):
    """Matches incidents in any of these groups of a dimension or, if negated, in none of them.

    `values` are percent-encoded keys; UNKNOWN_KEY is the group of incidents whose value is unknown.
    """

    dimension: str
    values: tuple[str, ...]
    negated: bool = False

    def __str__(self) -> str:
        return f"{'-' if self.negated else ''}{self.dimension}:{'|'.join(self.values)}"


class Loss(NamedTuple):
    """Matches incidents with a known loss of market value in a currency, alleged or established."""

    currency: str
    alleged: bool

    def __str__(self) -> str:
        return f"{self.currency}:alleged" if self.alleged else self.currency


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFilter:
    """Conditions that must all hold. Of several values, any may hold; None or empty imposes no condition.

    `terms` maps namespaces to keys of terms; `organizations`, `tags` and `collections` are keys as well; a
    language includes its variants. `sources` are URLs that an incident cites, in any spelling. An incident
    matches `first` and `last` if it may have occurred on or after the one, and on or before the other.

    The other conditions lead from a number in a report to its incidents; search does not support them.
    All days on which an incident may have occurred lie `within` a range; `published` is a range of moments
    whose end is excluded; each of `groups`, `known` and `losses` must hold.
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
        """A cache key that is equal for equivalent filters."""
        terms = tuple((namespace, tuple(keys)) for namespace, keys in self.terms.items())
        return (
            terms, self.organizations, self.languages, self.statuses, self.kinds, self.tags,
            self.source_keys, self.collections, self.severities, self.first, self.last, self.within,
            self.published, self.groups, self.known, self.losses,
        )  # fmt: skip
