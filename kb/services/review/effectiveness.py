"""Whether lessons help: similar incidents before and after their follow-up actions were completed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select

from kb.domain.dates import iso
from kb.domain.follow_up import FollowUpStatus
from kb.domain.incident import Status
from kb.domain.permissions import Action, Actor
from kb.models import FollowUp, Incident, db
from kb.models.base import utc_now
from kb.services.core.authorization import visible_to
from kb.services.core.filter_conditions import HAS_DATE, has_term
from kb.services.core.incident_lookup import find_in_team
from kb.services.taxonomy.organizations import keys_meaning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement


def get_effectiveness(actor: Actor, incident_id: int) -> dict[str, Any]:
    """The effect of an incident's actions, for each lesson that has any and for those of the incident as a
    whole (`lesson` is None). Raises NotFound or Forbidden.

    Counts the other published incidents with one of its failure modes, in equally many days `before` and
    `after` its last action was completed, counting only those that the actor may see. `left_out` counts those
    whose dates are too imprecise to assign. `days`, `before`, `after` and `left_out` are None while an action
    is open, on the day of the last completion, and for an incident without failure modes.
    """
    incident = find_in_team(actor, Action.READ_TEAM, incident_id)
    modes = incident.terms("failure_mode")
    texts = {lesson.id: lesson.texts[incident.language].text for lesson in incident.lessons}
    by_lesson: dict[int | None, list[FollowUp]] = {}
    for row in db.session.scalars(
        select(FollowUp).where(FollowUp.incident_id == incident.id).order_by(FollowUp.id)
    ):
        by_lesson.setdefault(row.lesson_id if row.lesson_id in texts else None, []).append(row)
    order, today = [lesson for lesson in (*texts, None) if lesson in by_lesson], utc_now().date()
    return {
        "failure_modes": modes,
        "items": [
            {"lesson": lesson, "text": texts[lesson] if lesson is not None else None}
            | _effect(actor, incident, modes, by_lesson[lesson], today)
            for lesson in order
        ],
    }


def _effect(
    actor: Actor, incident: Incident, modes: Sequence[str], actions: Sequence[FollowUp], today: date
) -> dict[str, Any]:
    counts = {status.value: sum(row.status is status for row in actions) for status in FollowUpStatus}
    completion_days = [row.completed_at.date() for row in actions if row.completed_at is not None]
    completed_on = max(completion_days) if completion_days and not counts[FollowUpStatus.OPEN] else None
    effect: dict[str, Any] = {
        "actions": counts,
        "completed_on": iso(completed_on),
        "days": None,
        "before": None,
        "after": None,
        "left_out": None,
    }
    days = (today - completed_on).days if completed_on is not None else 0
    if completed_on is None or not modes or days < 1:
        return effect
    start, end = completed_on - timedelta(days - 1), completed_on + timedelta(days)
    similar = and_(
        has_term("failure_mode", modes), Incident.id != incident.id, Incident.status == Status.PUBLISHED
    )
    for name, first, last in (("before", start, completed_on), ("after", completed_on + timedelta(1), end)):
        effect[name] = _count(actor, incident, similar, first, last)
    left_out = select(func.count(Incident.id)).where(
        visible_to(actor),
        similar,
        Incident.occurred_on <= end,
        Incident.occurred_until >= start,
        or_(
            Incident.occurred_on < start,
            Incident.occurred_until > end,
            and_(Incident.occurred_on <= completed_on, Incident.occurred_until > completed_on),
        ),
    )
    return {**effect, "days": days, "left_out": db.session.scalar(left_out)}


def _count(
    actor: Actor, incident: Incident, similar: ColumnElement[bool], first: date, last: date
) -> dict[str, Any]:
    """The number of incidents whose possible dates all lie in a period, and how many of them are of the same
    organization."""
    keys = keys_meaning([incident.organization_key])
    counts = select(
        func.count(Incident.id), func.count(Incident.id).filter(Incident.organization_key.in_(keys))
    ).where(
        visible_to(actor), HAS_DATE, similar, Incident.occurred_on >= first, Incident.occurred_until <= last
    )
    total, of_organization = db.session.execute(counts).one()
    return {"from": iso(first), "to": iso(last), "incidents": total, "of_organization": of_organization}
