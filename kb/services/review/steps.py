"""Workflow steps within a transaction: taking one, recording it, and the obstacles to publication."""

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
from kb.services.review.four_eyes import four_eyes_apply_to, is_independently_approved, require_not_author

if TYPE_CHECKING:
    from kb.services.core.unit_of_work import UnitOfWork


class Obstacle(StrEnum):
    """Why a complete incident cannot be published under the rules that are turned on."""

    NOT_REVIEWED = "not_reviewed"
    NOT_APPROVED = "not_approved"
    OPEN_COMMENTS = "open_comments"


_MESSAGES = {
    Obstacle.NOT_REVIEWED: "Four eyes: submit it for review first.",
    Obstacle.NOT_APPROVED: "Four eyes: it needs the approval of a reviewer who wrote none of it.",
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
    """Take a step within a transaction and record who took it; the caller records the revision.

    With `override`, publish in spite of obstacles. Raises Conflict for a step that is impossible in the
    current status or blocked by an obstacle, Forbidden, or InvalidInput for an incomplete incident.
    """
    before = incident.status
    after = next_status(before, step)
    if after is None:
        possible = ", ".join(steps_from(before))
        detail = f"The step {step} is not possible in status {before}. Possible: {possible}."
        raise Conflict(detail, [FieldError("/step", detail)])
    require_in(actor, required_action(incident, step), incident.team_id)
    overridden = None
    if step is Step.APPROVE:
        require_not_author(actor, incident)
    elif step is Step.PUBLISH:
        require_complete(incident)
        overridden = _override_obstacles(work, actor, incident, comment, override=override)
    elif override:
        raise InvalidInput([FieldError("/override", "Only the step publish can override a rule.")])
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


def record_step(  # noqa: PLR0917 (a step has that many parts)
    work: UnitOfWork,
    actor: Actor,
    incident: Incident,
    step: Step,
    before: Status,
    comment: str | None,
    overridden: str | None = None,
) -> None:
    """Add a step to the incident's events: from the status `before` to the one that it has now."""
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
    """The obstacles to publishing an incident, apart from empty fields."""
    blocking = []
    if four_eyes_apply_to(actor):
        if incident.status is Status.DRAFT:
            blocking.append(Obstacle.NOT_REVIEWED)
        elif not is_independently_approved(actor, incident):
            blocking.append(Obstacle.NOT_APPROVED)
    if settings().resolved_comments and count_open_comments(incident):
        blocking.append(Obstacle.OPEN_COMMENTS)
    return blocking


def count_open_comments(incident: Incident) -> int:
    """The number of unresolved comments on an incident."""
    statement = select(func.count(Comment.id)).where(
        Comment.incident_id == incident.id, Comment.resolved_at.is_(None)
    )
    return db.session.scalar(statement) or 0


def _override_obstacles(
    work: UnitOfWork, actor: Actor, incident: Incident, comment: str | None, *, override: bool
) -> str | None:
    """The keys of the obstacles that an administrator overrides, separated by spaces; None without any.

    Raises Conflict for obstacles that are not overridden, Forbidden, or InvalidInput without a comment.
    """
    blocking = obstacles(actor, incident)
    if not blocking:
        return None
    if not override:
        message = " ".join(_MESSAGES[obstacle] for obstacle in blocking)
        raise Conflict(message, [FieldError("/step", _MESSAGES[obstacle]) for obstacle in blocking])
    require_in(actor, Action.OVERRIDE, incident.team_id)
    if not comment:
        raise InvalidInput([FieldError("/comment", "Give the reason for the override.")])
    rules = " ".join(blocking)
    audit.log_event(work, actor, AuditEvent.OVERRIDE, incident=incident, rules=[*blocking], comment=comment)
    return rules
