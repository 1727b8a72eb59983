"""Find the likely duplicates that an import added: of other lines of the file, and of earlier incidents."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select, union_all

from kb.batches import batched
from kb.models import Incident, Source, db
from kb.services.core.system_actors import IMPORTER
from kb.services.incidents.duplicates.likely import (
    DuplicateQuery,
    add_reasons,
    by_likelihood,
    query_for_input,
    reasons_by_facts,
    similar_texts,
)
from kb.services.infrastructure.processes import in_processes
from kb.services.taxonomy.organizations import aliased_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from kb.domain.permissions import Actor
    from kb.services.exchange.line_checks import Line
    from kb.services.exchange.staged_lines import AddedLine


_CHUNK_SIZE = 100
"""How many lines a process gets at a time."""


class LikelyDuplicate(NamedTuple):
    """A line whose incident may be the same as an earlier one, `of_incident`, for some reasons.

    `of_line` is the line that added the earlier one; None if it existed before the import. In a dry run, new
    incidents have no id. `file` and `of_file` are the files of the lines, if there are several.
    """

    line: int
    incident: int | None
    of_line: int | None
    of_incident: int | None
    reasons: tuple[str, ...]
    file: str = ""
    of_file: str = ""


def find_duplicates(
    added: Sequence[AddedLine], progress: Callable[[int, int], object], reader: Actor = IMPORTER
) -> list[LikelyDuplicate]:
    """Find the likeliest duplicate of each line within the file, and the likeliest one outside, among those
    that `reader` may see.

    Uses the rules of POST /incidents, which query the index, so call it after the lines are indexed.
    `progress` counts lines.
    """
    lines = {incident_id: line for line, incident_id in added}
    shared, first_id = _SharedFacts(), min(lines, default=0)

    def find(some: Sequence[AddedLine]) -> list[LikelyDuplicate]:
        return [
            duplicate
            for each in some
            for duplicate in _likeliest(each, lines, _reasons(*each, shared, reader, first_id=first_id))
        ]

    found: list[LikelyDuplicate] = []
    for number, duplicates in enumerate(in_processes(find, batched(added, _CHUNK_SIZE)), 1):
        found += duplicates
        progress(min(number * _CHUNK_SIZE, len(added)), len(added))
    db.session.rollback()
    return found


def _likeliest(
    added: AddedLine, lines: Mapping[int, Line], reasons: Mapping[int, set[str]]
) -> Iterator[LikelyDuplicate]:
    """Yield the likeliest duplicate within the files, whose incidents are the keys of `lines`, and the
    likeliest outside."""
    line = added.line
    for within_file in (True, False):
        group = {other: reasons[other] for other in reasons if (other in lines) is within_file}
        for other, why in by_likelihood(group)[:1]:
            of = lines.get(other)
            number, file = (None, "") if of is None else (of.number, of.file)
            yield LikelyDuplicate(line.number, added.incident_id, number, other, why, line.file, file)


class _SharedFacts:
    """The organizations and sources that several incidents share; others need no query."""

    def __init__(self) -> None:
        organizations = select(Incident.organization_key).group_by(Incident.organization_key)
        columns = (Source.url_key, Source.archive_key)
        cited = union_all(
            *(select(key.label("key"), Source.incident_id).where(key.is_not(None)) for key in columns)
        ).subquery()
        several = func.count(cited.c.incident_id.distinct()) > 1
        self._organizations = {*db.session.scalars(organizations.having(func.count() > 1)), *aliased_keys()}
        self._sources = set(db.session.scalars(select(cited.c.key).group_by(cited.c.key).having(several)))

    def has_any(self, query: DuplicateQuery) -> bool:
        """Whether another incident may have the organization or a source of this one."""
        return query.organization_key in self._organizations or not self._sources.isdisjoint(
            query.source_keys
        )


def _reasons(
    line: Line, incident_id: int, shared: _SharedFacts, reader: Actor, *, first_id: int
) -> dict[int, set[str]]:
    """The earlier incidents that may be the same, with the reasons.

    The file and earlier incidents are queried separately, since the number of results is limited.
    """
    query = query_for_input(line.data)._replace(incident_id=incident_id)
    reasons: dict[int, set[str]] = {}
    if shared.has_any(query):
        reasons = reasons_by_facts(reader, query, range(first_id))
        reasons |= reasons_by_facts(reader, query, range(first_id, incident_id))
    for other, reason in similar_texts(reader, query).items():
        if other < incident_id:
            add_reasons(reasons, reason, [other])
    return reasons
