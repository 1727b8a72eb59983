"""Find the likely duplicates that an import would add, for a dry run, without storing the file."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING

from kb.models import db
from kb.services.core.system_actors import IMPORTER
from kb.services.exchange.imports.duplicates import LikelyDuplicate
from kb.services.incidents.duplicates.likely import (
    MAX_DAYS_APART,
    SAME_SOURCE,
    SAME_TIME,
    DuplicateQuery,
    add_reasons,
    by_likelihood,
    query_for_input,
    reasons_by_facts,
    similar_texts,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kb.domain.permissions import Actor
    from kb.services.exchange.staged_lines import AddedLine

_MAX_COMPARED = 1_000
"""How many earlier lines of one organization a line is compared with, latest first, since a file may have one
organization only."""


def expected_duplicates(
    added: Sequence[AddedLine], progress: Callable[[int, int], object], reader: Actor = IMPORTER
) -> list[LikelyDuplicate]:
    """Find the likeliest duplicate of each line in the file, and the likeliest stored one that `reader` sees.

    Stored incidents are compared by the rules of POST /incidents, lines by organization and time and by
    sources. `progress` counts lines.
    """
    earlier = _EarlierLines()
    found: list[LikelyDuplicate] = []
    for index, (line, _) in enumerate(added):
        query = query_for_input(line.data)
        for other, why in by_likelihood(earlier.reasons(query))[:1]:
            of = added[other].line
            found.append(LikelyDuplicate(line.number, None, of.number, None, why, line.file, of.file))
        for other, why in by_likelihood(_stored(reader, query))[:1]:
            found.append(LikelyDuplicate(line.number, None, None, other, why, line.file))
        earlier.add(index, query)
        progress(index + 1, len(added))
    db.session.rollback()
    return found


def _stored(reader: Actor, query: DuplicateQuery) -> dict[int, set[str]]:
    reasons = reasons_by_facts(reader, query)
    for other, reason in similar_texts(reader, query).items():
        add_reasons(reasons, reason, [other])
    return reasons


class _EarlierLines:
    """The lines so far, by organization and by source, each as its index among all."""

    def __init__(self) -> None:
        self._by_organization: dict[str, list[tuple[int, DuplicateQuery]]] = defaultdict(list)
        self._by_source: dict[str, list[int]] = defaultdict(list)

    def add(self, index: int, query: DuplicateQuery) -> None:
        self._by_organization[query.organization_key].append((index, query))
        for key in query.source_keys:
            self._by_source[key].append(index)

    def reasons(self, query: DuplicateQuery) -> dict[int, set[str]]:
        """The indexes of the lines that may report the same incident, with the reasons."""
        reasons: dict[int, set[str]] = {}
        add_reasons(reasons, SAME_TIME, self._at_same_time(query))
        for key in query.source_keys:
            add_reasons(reasons, SAME_SOURCE, self._by_source.get(key, ()))
        return reasons

    def _at_same_time(self, query: DuplicateQuery) -> Iterator[int]:
        latest = islice(reversed(self._by_organization.get(query.organization_key, [])), _MAX_COMPARED)
        return (index for index, other in latest if _are_near(query, other))


def _are_near(one: DuplicateQuery, other: DuplicateQuery) -> bool:
    """Whether two incidents may have happened at the same time; an unknown date matches every day."""
    if one.first_day is None or one.last_day is None or other.first_day is None or other.last_day is None:
        return True
    return (
        other.first_day <= one.last_day + MAX_DAYS_APART and other.last_day >= one.first_day - MAX_DAYS_APART
    )
