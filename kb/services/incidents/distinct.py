"""Pairs of incidents marked as distinct, which are no longer offered as duplicates of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from kb.domain.audit import AuditEvent
from kb.domain.dates import iso
from kb.domain.permissions import Action, Actor, may_in
from kb.errors import Conflict
from kb.messages import Message
from kb.models import DistinctPair, Incident, db
from kb.services.core import audit
from kb.services.core.authorization import require, require_in, visible_to
from kb.services.core.incident_lookup import SUMMARY_OPTIONS, find_incident
from kb.services.core.presenters import summary
from kb.services.core.row_locks import lock_incidents
from kb.services.core.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from datetime import datetime


def mark_distinct(actor: Actor, incident_id: int, other_id: int) -> None:
    """Mark two incidents as distinct, for everyone and permanently.

    It takes the right to edit one of them. Raises NotFound, Forbidden, or Conflict if they are one incident.
    """
    require(actor, Action.EDIT)
    with unit_of_work() as work:
        incident = _editable(actor, incident_id, other_id)
        pair = sorted((incident_id, other_id))
        lock_incidents(pair)
        if db.session.get(DistinctPair, pair) is None:
            row = DistinctPair(
                incident_id=pair[0],
                other_id=pair[1],
                author=actor.name,
                principal=actor.principal,
                at=work.at,
            )
            db.session.add(row)
            other = other_id if incident.id == incident_id else incident_id
            audit.log_event(work, actor, AuditEvent.DISTINCT, incident=incident, other=other)


def unmark_distinct(actor: Actor, incident_id: int, other_id: int) -> None:
    """Let two incidents be offered as duplicates of each other again; does nothing if they already are.

    It takes the right to edit one of them. Raises NotFound, Forbidden, or Conflict if they are one incident.
    """
    require(actor, Action.EDIT)
    with unit_of_work() as work:
        incident = _editable(actor, incident_id, other_id)
        pair = db.session.get(DistinctPair, sorted((incident_id, other_id)))
        if pair is not None:
            db.session.delete(pair)
            other = other_id if incident.id == incident_id else incident_id
            audit.log_event(work, actor, AuditEvent.DISTINCT_UNDONE, incident=incident, other=other)


def distinct_ids(incident_id: int) -> dict[int, datetime]:
    """The ids of the incidents that were marked as distinct from one, and when."""
    statement = select(DistinctPair).where(
        or_(DistinctPair.incident_id == incident_id, DistinctPair.other_id == incident_id)
    )
    return {
        row.other_id if row.incident_id == incident_id else row.incident_id: row.at
        for row in db.session.scalars(statement)
    }


def list_distinct(actor: Actor, incident_id: int) -> list[dict[str, Any]]:
    """List summaries of the visible incidents that were marked as distinct from one, latest first."""
    found = distinct_ids(incident_id)
    statement = select(Incident).where(Incident.id.in_(found), visible_to(actor)).options(*SUMMARY_OPTIONS)
    rows = sorted(db.session.scalars(statement), key=lambda row: (found[row.id], row.id), reverse=True)
    return [{"incident": summary(row), "at": iso(found[row.id])} for row in rows]


def _editable(actor: Actor, incident_id: int, other_id: int) -> Incident:
    """The one of two visible incidents that the actor may edit; the first if both."""
    if incident_id == other_id:
        raise Conflict(Message("These are one incident: name another."))
    incidents = [find_incident(actor, each) for each in (incident_id, other_id)]
    for incident in incidents:
        if may_in(actor, Action.EDIT, incident.team_id):
            return incident
    require_in(actor, Action.EDIT, incidents[0].team_id)
    raise AssertionError
