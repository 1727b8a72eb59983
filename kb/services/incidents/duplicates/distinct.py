"""Pairs of incidents marked as distinct, which are no longer offered as duplicates of each other."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, or_, select

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

MAX_LISTED = 100
"""How many of the incidents that were marked as distinct from one are listed."""


def mark_distinct(actor: Actor, incident_id: int, other_id: int) -> None:
    """Mark two incidents as distinct, for everyone and permanently.

    Requires the right to edit one of them. Raises NotFound, Forbidden, or Conflict if they are one incident.
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

    Requires the right to edit one of them. Raises NotFound, Forbidden, or Conflict if they are one incident.
    """
    require(actor, Action.EDIT)
    with unit_of_work() as work:
        incident = _editable(actor, incident_id, other_id)
        pair = db.session.get(DistinctPair, sorted((incident_id, other_id)))
        if pair is not None:
            db.session.delete(pair)
            other = other_id if incident.id == incident_id else incident_id
            audit.log_event(work, actor, AuditEvent.DISTINCT_UNDONE, incident=incident, other=other)


def distinct_ids(incident_id: int) -> set[int]:
    """The ids of the incidents that were marked as distinct from one."""
    statement = select(DistinctPair.incident_id, DistinctPair.other_id).where(
        or_(DistinctPair.incident_id == incident_id, DistinctPair.other_id == incident_id)
    )
    return {other if one == incident_id else one for one, other in db.session.execute(statement)}


def list_distinct(actor: Actor, incident_id: int) -> list[dict[str, Any]]:
    """List the visible incidents that were marked as distinct from one: summaries of the latest."""
    of_pair = or_(
        and_(DistinctPair.incident_id == incident_id, DistinctPair.other_id == Incident.id),
        and_(DistinctPair.other_id == incident_id, DistinctPair.incident_id == Incident.id),
    )
    statement = (
        select(Incident, DistinctPair.at)
        .join(DistinctPair, of_pair)
        .where(visible_to(actor))
        .options(*SUMMARY_OPTIONS)
        .order_by(DistinctPair.at.desc(), Incident.id.desc())
        .limit(MAX_LISTED)
    )
    return [{"incident": summary(row), "at": iso(at)} for row, at in db.session.execute(statement)]


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
