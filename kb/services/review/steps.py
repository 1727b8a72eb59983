"""Workflow steps within a transaction: taking one, and recording it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.domain.audit import AuditEvent
from kb.domain.incident import Status
from kb.domain.workflow import Step, next_status, steps_from
from kb.errors import Conflict, FieldError
from kb.messages import Message, word
from kb.models import Incident, ReviewEvent
from kb.services.core import audit
from kb.services.core.authorization import require_in, required_action
from kb.services.review.completeness import require_complete
from kb.services.review.concerns import require_concerns_acknowledged
from kb.services.review.four_eyes import require_not_author, unapproved_authors
from kb.services.review.obstacles import incident_obstacles, override_obstacles, require_no_override

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from kb.domain.permissions import Actor
    from kb.services.core.unit_of_work import UnitOfWork

_EVENTS = ReviewEvent.__table__


def take_step(
    work: UnitOfWork,
    actor: Actor,
    incident: Incident,
    step: Step,
    comment: str | None,
    *,
    override: bool = False,
    acknowledged: Collection[str] = (),
) -> None:
    """Take a step within a transaction and record who took it; the caller records the revision.

    With `override`, publish despite obstacles; `acknowledged` has the concerns that the actor acknowledges.
    Raises Conflict for a step that is impossible in the current status, blocked by an obstacle, or in need of
    an acknowledgment, Forbidden, or InvalidInput for an incomplete incident.
    """
    before = incident.status
    after = _status_after(before, step)
    require_in(actor, required_action(incident, step), incident.team_id)
    overridden = None
    if step is Step.PUBLISH:
        require_complete(incident)
        blocking = incident_obstacles(actor, incident)
        overridden = override_obstacles(work, actor, incident, blocking, comment, override=override)
        require_concerns_acknowledged(work, actor, incident, acknowledged)
    else:
        require_no_override(override=override)
        _require_reviewable(actor, incident, step)
    if before is Status.PUBLISHED:
        audit.log_event(
            work, actor, AuditEvent.WITHDRAWAL, incident=incident, by=step, comment=comment or None
        )
    _set_status(incident, after, work.at)
    record_step(work, actor, incident, step, before=before, comment=comment, overridden=overridden)


def _status_after(before: Status, step: Step) -> Status:
    """The status that a step leads to. Raises Conflict for one that is impossible."""
    after = next_status(before, step)
    if after is None:
        possible = ", ".join(steps_from(before))
        detail = Message(
            "The step {step} is not possible in status {before}. Possible: {possible}.",
            step=step,
            before=word(before),
            possible=possible,
        )
        raise Conflict(detail, [FieldError("/step", detail)])
    return after


def _require_reviewable(actor: Actor, incident: Incident, step: Step) -> None:
    """Raise InvalidInput for submitting or approving an incomplete incident, Forbidden for an author's own
    approval."""
    if step in (Step.SUBMIT, Step.APPROVE):
        require_complete(incident)
    if step is Step.APPROVE:
        require_not_author(actor, unapproved_authors(incident))


def _set_status(incident: Incident, status: Status, at: datetime) -> None:
    if status is incident.status:  # after an approval
        return
    incident.status = status
    if status is Status.PUBLISHED:
        incident.published_at = at
    elif status is Status.DRAFT:
        incident.published_at = None


def record_step(
    work: UnitOfWork,
    actor: Actor,
    incident: Incident,
    step: Step,
    *,
    before: Status,
    comment: str | None,
    overridden: str | None = None,
) -> None:
    """Add a step to the incident's events: from the status `before` to the one that it has now."""
    event = {
        "incident_id": incident.id,
        "version": incident.version,
        "step": step,
        "before": before,
        "after": incident.status,
        "author": actor.name,
        "principal": actor.principal,
        "comment": comment or None,
        "overridden": overridden,
        "at": work.at,
    }
    work.insert(_EVENTS, event)
