"""Rows that belong to an incident of an export: comments, review events, actions, revisions, pairs.

They are compared with the stored rows, so that only differences are written.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.domain.incident import Operation
from kb.models import Comment, DistinctPair, FollowUp, ReviewEvent, Revision, db
from kb.services.core.presenters import snapshot
from kb.services.core.system_actors import IMPORTER
from kb.services.exchange.author_names import NAME
from kb.services.exchange.records.pairs import pair_rows
from kb.services.review.follow_ups import find_owner

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from kb.models import Incident
    from kb.services.core.staged_changes import StagedWork


_MODELS = (
    (Comment, Comment.incident_id, Comment.id),
    (ReviewEvent, ReviewEvent.incident_id, ReviewEvent.id),
    (FollowUp, FollowUp.incident_id, FollowUp.id),
    (Revision, Revision.incident_id, Revision.number),
    (DistinctPair, DistinctPair.other_id, DistinctPair.incident_id),
)
"""The models of such rows, with the columns of the incident and of the order."""

_FIRST_VERSION = 1

Row = dict[str, Any]


class StoredRows:
    """The stored rows that belong to some incidents."""

    def __init__(self, ids: Sequence[int]) -> None:
        self._rows: dict[Any, defaultdict[int, list[Row]]] = {}
        for model, owner, order in _MODELS:
            by_incident: defaultdict[int, list[Row]] = defaultdict(list)
            statement = select(model.__table__).where(owner.in_(ids)).order_by(order)
            for row in db.session.execute(statement).mappings():
                by_incident[row[owner.name]].append(dict(row))
            self._rows[model] = by_incident

    def replace(
        self, work: StagedWork, incident: Incident, record: Mapping[str, Any], known: Collection[int]
    ) -> None:
        """Make the rows of an incident equal to its record. `known` are the ids of all incidents.

        Rows before the first difference are kept, so that ids ascend in the order of the record.
        """
        for model, rows in _rows(incident, record, known).items():
            table, stored = model.__table__, self._rows[model][incident.id]
            same = _common(stored, rows)
            for row in stored[same:]:
                work.delete(table, row)
            for row in rows[same:]:
                work.insert(table, row)


def _common(stored: Sequence[Row], rows: Sequence[Row]) -> int:
    """The number of leading rows that are equal. Only stored rows have an id."""
    count = 0
    for one, other in zip(stored, rows, strict=False):
        if any(one[name] != value for name, value in other.items()):
            break
        count += 1
    return count


def _rows(incident: Incident, record: Mapping[str, Any], known: Collection[int]) -> dict[Any, list[Row]]:
    """The rows of an incident in its record, by model, in order."""
    imported = {"incident_id": incident.id, "principal": IMPORTER.principal}
    return {
        Comment: [
            {**imported, "proposal_id": None, "version": _FIRST_VERSION, **row} for row in record["comments"]
        ],
        ReviewEvent: [
            {**imported, **row, "overridden": " ".join(row["overridden"]) or None}
            for row in record["review_events"]
        ],
        FollowUp: [_action(incident, row) for row in record["actions"]],
        Revision: [_revision(incident, row) for row in record["revisions"] or [_only_revision(record)]],
        DistinctPair: pair_rows(record, known),
    }


def _action(incident: Incident, row: Mapping[str, Any]) -> Row:
    owner, owner_id = find_owner(incident, row["owner"])
    fields = {name: value for name, value in row.items() if name not in ("owner", "lesson")}
    return {
        **fields,
        "incident_id": incident.id,
        "lesson_id": row["lesson"],
        "owner": owner,
        "owner_id": owner_id,
        "version": _FIRST_VERSION,
    }


def _only_revision(record: Mapping[str, Any]) -> dict[str, Any]:
    """The only revision of an incident without history: the importer adds the text of its author."""
    return {
        "number": record["version"],
        "operation": Operation.CREATED,
        "author": IMPORTER.name,
        "words_of": [record["author"]],
        "comment": None,
        "at": record["updated_at"],
    }


def _revision(incident: Incident, row: Mapping[str, Any]) -> Row:
    return {
        "incident_id": incident.id,
        "principal": None,  # as in revisions from before there were users: the name identifies the author
        **row,
        "snapshot": row.get("snapshot") or snapshot(incident),
        "words_of": [f"{NAME}{name}" for name in row["words_of"]] or None,
    }
