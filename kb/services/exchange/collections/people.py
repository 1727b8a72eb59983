"""People's edits of the incidents of a collection, and their work that depends on these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select

from kb.domain.collection import KeptReason
from kb.models import Comment, FollowUp, Incident, Proposal, Revision, db
from kb.services.core.system_actors import COLLECTOR

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement

_BY_PEOPLE: ColumnElement[bool] = or_(Revision.principal.is_(None), Revision.principal != COLLECTOR.principal)

_WORK: tuple[tuple[KeptReason, Any], ...] = (
    (KeptReason.COMMENTS, Comment.incident_id),
    (KeptReason.ACTIONS, FollowUp.incident_id),
    (KeptReason.PROPOSALS, Proposal.incident_id),
    (KeptReason.DUPLICATES, Incident.duplicate_of_id),
)
"""Work that people attach to an incident: the reason to keep it, and the column that refers to it."""


def edited_among(incident_ids: Collection[int]) -> set[int]:
    """The given incidents of collections that have a revision by people."""
    statement = select(Revision.incident_id).where(Revision.incident_id.in_(incident_ids), _BY_PEOPLE)
    return set(db.session.scalars(statement.distinct()))


def last_written_by_people(incident_ids: Collection[int]) -> set[int]:
    """The given incidents whose latest revision is by people."""
    latest = (
        select(Revision.incident_id, func.max(Revision.number).label("number"))
        .where(Revision.incident_id.in_(incident_ids))
        .group_by(Revision.incident_id)
        .subquery()
    )
    statement = select(Revision.incident_id).join(
        latest, (Revision.incident_id == latest.c.incident_id) & (Revision.number == latest.c.number)
    )
    return set(db.session.scalars(statement.where(_BY_PEOPLE)))


def reasons_to_keep(incident_ids: Collection[int]) -> dict[int, list[KeptReason]]:
    """The given incidents that people have edited or work with, each with the reasons."""
    edited = {incident_id: [KeptReason.EDITED] for incident_id in sorted(edited_among(incident_ids))}
    return _with_work(edited, incident_ids)


def work_with(incident_ids: Collection[int]) -> dict[int, list[KeptReason]]:
    """The reasons to keep the given incidents, apart from edits, which their versions show."""
    return _with_work({}, incident_ids)


def _with_work(
    reasons: dict[int, list[KeptReason]], incident_ids: Collection[int]
) -> dict[int, list[KeptReason]]:
    for reason, column in _WORK:
        for incident_id in db.session.scalars(select(column).where(column.in_(incident_ids)).distinct()):
            reasons.setdefault(incident_id, []).append(reason)
    return reasons
