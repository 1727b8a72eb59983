"""Which incidents are meant: one shape for lists and for search."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from kb.domain.incident import Kind, Status
from kb.domain.taxonomy import NAMESPACES

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from datetime import date, datetime

DEFAULT_STATUSES = (Status.DRAFT, Status.IN_REVIEW, Status.PUBLISHED)
"""What is looked for unless a status is asked for; withdrawn incidents have to be."""


DIMENSIONS = (*NAMESPACES, "organization", "team", "severity", "language", "kind")
"""What incidents are grouped by."""

NOT_KNOWN = "none"
"""Stands for the incidents of which a dimension is not known."""


class Known(StrEnum):
    """What may be known of an incident, and is needed to measure it."""

    SEVERITY = "severity"
    ACKNOWLEDGED = "acknowledged"
    REMOVED = "removed"


class InGroup(NamedTuple):
    """That an incident is in any of some groups of a dimension; or, negated, in none of them.

    Values are keys, as they are written in a URL; NOT_KNOWN is the group of those of which it isn't known.
    """

    dimension: str
    values: tuple[str, ...]
    negated: bool = False

    def __str__(self) -> str:
        return f"{'-' if self.negated else ''}{self.dimension}:{'|'.join(self.values)}"


class Loss(NamedTuple):
    """A known market value that an incident cost, in a currency, alleged or not."""

    currency: str
    alleged: bool

    def __str__(self) -> str:
        return f"{self.currency}:alleged" if self.alleged else self.currency


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFilter:
    """Several values of one filter: any of them. Several filters: all of them. None or empty: no filter.

    `terms` maps a namespace to term keys; `organization_key` is a slug; `first` and `last` bound the days on
    which the incident may have occurred.

    The others lead from a number to what it was made of, and search does not know them: all days on which an
    incident may have occurred lie `within`; `published` bounds the moment from, and before; every one of
    `groups`, `known` and `losses` must hold.
    """

    terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    organization_key: str | None = None
    languages: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = DEFAULT_STATUSES
    kinds: tuple[Kind, ...] = ()
    tags: tuple[str, ...] = ()
    severities: tuple[int, ...] | None = None
    first: date | None = None
    last: date | None = None
    within: tuple[date | None, date | None] = (None, None)
    published: tuple[datetime | None, datetime | None] = (None, None)
    groups: tuple[InGroup, ...] = ()
    known: tuple[Known, ...] = ()
    losses: tuple[Loss, ...] = ()

    @property
    def key(self) -> Hashable:
        """What is equal for filters that mean the same."""
        terms = tuple((namespace, tuple(keys)) for namespace, keys in self.terms.items())
        return (
            terms, self.organization_key, self.languages, self.statuses, self.kinds, self.tags,
            self.severities, self.first, self.last, self.within, self.published, self.groups, self.known,
            self.losses,
        )  # fmt: skip
