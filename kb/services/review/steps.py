"""Workflow steps within a transaction: who may take one, and what blocks it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from kb.domain.audit import AuditEvent
from kb.domain.incident import Status
from kb.domain.permissions import Action, Actor
from kb.domain.workflow import Step, next_status, steps_from
from kb.errors import Conflict, FieldError, InvalidInput
from kb.models import Comment, Incident, ReviewEvent, db
from kb.services.core import audit
from kb.services.core.authorization import require_in, required_action
from kb.services.infrastructure.runtime import settings
from kb.services.review.completeness import require_complete
from kb.services.review.four_eyes import has_other_eyes, needs_four_eyes, require_other_eyes

if TYPE_CHECKING:
    from kb.services.core.unit_of_work import UnitOfWork


class Obstacle(StrEnum):
    """Why an incident that is complete cannot be published, as the team has set it up."""

    NOT_REVIEWED = "not_reviewed"
    NOT_APPROVED = "not_approved"
    OPEN_COMMENTS = "open_comments"


_WHY = {
    Obstacle.NOT_REVIEWED: "Four eyes: submit it for review first.",
    Obstacle.NOT_APPROVED: "Four eyes: it needs the approval of a reviewer who has written none of it.",
    Obstacle.OPEN_COMMENTS: "There are open comments: resolve them first.",
}


def take_step(
    work: UnitOfWork,
    actor: Actor,
    incident: Incident,
    step: Step,
    comment: str | None,
    *,
    override: bool = False,
) -> None:
    """Move an incident within a transaction, and note who did it; the caller records the change.

    Raises Conflict where there is no such step from here or something stands in the way, Forbidden, or
    InvalidInput for an incident that is too thin to be published.
    """
    before = incident.status
    after = next_status(before, step)
    if after is None:
        possible = ", ".join(steps_from(before))
        detail = f"There is no step {step} for an incident that is {before}. Possible: {possible}."
        raise Conflict(detail, [FieldError("/step", detail)])
    require_in(actor, required_action(incident, step), incident.team_id)
    overridden = None
    if step is Step.APPROVE:
        require_other_eyes(actor, incident)
    elif step is Step.PUBLISH:
        require_complete(incident)
        overridden = _overcome(work, actor, incident, comment, override=override)
    elif override:
        raise InvalidInput([FieldError("/override", "Only a publication can override a rule.")])
    if before is Status.PUBLISHED:
        audit.log_event(
            work, actor, AuditEvent.WITHDRAWAL, incident=incident, by=step, comment=comment or None
        )
    incident.status = after
    if after is Status.PUBLISHED:
        incident.published_at = work.at
    elif after is Status.DRAFT:
        incident.published_at = None
    record_step(work, actor, incident, step, before, comment, overridden)


def record_step(  # noqa: PLR0917 (who did what to what, from where, and why)
    work: UnitOfWork,
    actor: Actor,
    incident: Incident,
    step: Step,
    before: Status,
    comment: str | None,
    overridden: str | None = None,
) -> None:
    """Keep that a step has been taken, to where the incident is now."""
    db.session.add(
        ReviewEvent(
            incident_id=incident.id,
            version=incident.version,
            step=step,
            before=before,
            after=incident.status,
            author=actor.name,
            principal=actor.principal,
            comment=comment or None,
            overridden=overridden,
            at=work.at,
        )
    )


def obstacles(actor: Actor, incident: Incident) -> list[Obstacle]:
    """What stands in the way of publishing an incident, beside what it lacks."""
    found = []
    if needs_four_eyes(actor):
        if incident.status is Status.DRAFT:
            found.append(Obstacle.NOT_REVIEWED)
        elif not has_other_eyes(actor, incident):
            found.append(Obstacle.NOT_APPROVED)
    if settings().resolved_comments and open_comments(incident):
        found.append(Obstacle.OPEN_COMMENTS)
    return found


def open_comments(incident: Incident) -> int:
    """How many comments on an incident are not resolved."""
    statement = select(func.count(Comment.id)).where(
        Comment.incident_id == incident.id, Comment.resolved_at.is_(None)
    )
    return db.session.scalar(statement) or 0


def _overcome(
    work: UnitOfWork, actor: Actor, incident: Incident, comment: str | None, *, override: bool
) -> str | None:
    """What an administrator overrides; raise Conflict for what stands in the way of anybody else."""
    found = obstacles(actor, incident)
    if not found:
        return None
    if not override:
        message = " ".join(_WHY[obstacle] for obstacle in found)
        raise Conflict(message, [FieldError("/step", _WHY[obstacle]) for obstacle in found])
    require_in(actor, Action.OVERRIDE, incident.team_id)
    if not comment:
        raise InvalidInput([FieldError("/comment", "Say why the rule is overridden.")])
    rules = " ".join(found)
    audit.log_event(work, actor, AuditEvent.OVERRIDE, incident=incident, rules=[*found], comment=comment)
    return rules
