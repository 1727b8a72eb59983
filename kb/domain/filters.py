"""Which incidents are meant: one shape for lists and for search."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kb.domain.incident import Kind, Status

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from datetime import date

DEFAULT_STATUSES = (Status.DRAFT, Status.PUBLISHED)
"""What is looked for unless a status is asked for; withdrawn incidents have to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFilter:
    """Several values of one filter: any of them. Several filters: all of them. None or empty: no filter.

    `terms` maps a namespace to term keys; `organization_key` is a slug; `first` and `last` bound the days on
    which the incident may have occurred.
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

    @property
    def key(self) -> Hashable:
        """What is equal for filters that mean the same."""
        terms = tuple((namespace, tuple(keys)) for namespace, keys in self.terms.items())
        return (
            terms, self.organization_key, self.languages, self.statuses, self.kinds, self.tags,
            self.severities, self.first, self.last,
        )  # fmt: skip
