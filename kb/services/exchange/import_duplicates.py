"""The likely duplicates that an import brought: of other lines of the file, and of what was there before."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kb.models import Incident, db
from kb.services.core.system_actors import IMPORTER
from kb.services.incidents.duplicates import (
    REASONS,
    SIMILAR,
    add_reasons,
    likeliest_first,
    query_for_input,
    reasons_by_facts,
    similar_texts,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kb.services.exchange.jsonl import AddedLine


class LikelyDuplicate(NamedTuple):
    """A line whose incident may be the same as an earlier one, `of_incident`, for some reasons.

    `of_line` is the line that brought that one; None if it was there before the import.
    """

    line: int
    incident: int
    of_line: int | None
    of_incident: int
    reasons: tuple[str, ...]


def find_duplicates(
    added: Sequence[AddedLine], progress: Callable[[int, int], object]
) -> list[LikelyDuplicate]:
    """The likeliest duplicate of each line within the file, and the likeliest one outside, if there are any.

    By the rules of POST /incidents, which ask the index: call it when that holds the lines. `progress` counts
    lines.
    """
    numbers = {incident_id: line.number for line, incident_id in added}
    found: list[LikelyDuplicate] = []
    for done, (line, incident_id) in enumerate(added, 1):
        reasons = _reasons(line.data, incident_id, first_id=added[0].incident_id)
        for within_file in (True, False):
            group = {other: reasons[other] for other in reasons if (other in numbers) is within_file}
            for other in likeliest_first(group)[:1]:
                why = tuple(reason for reason in REASONS if reason in group[other])
                found.append(LikelyDuplicate(line.number, incident_id, numbers.get(other), other, why))
        progress(done, len(added))
    db.session.rollback()
    return found


def _reasons(data: dict[str, object], incident_id: int, *, first_id: int) -> dict[int, set[str]]:
    """The earlier incidents that may be the same, with the reasons.

    The file and what was there before are asked separately: the number of results is limited.
    """
    query = query_for_input(data)._replace(incident_id=incident_id)
    reasons = reasons_by_facts(IMPORTER, query, Incident.id < first_id)
    reasons |= reasons_by_facts(IMPORTER, query, Incident.id >= first_id, Incident.id < incident_id)
    add_reasons(reasons, SIMILAR, (other for other in similar_texts(IMPORTER, query) if other < incident_id))
    return reasons
