"""The obstacles to publishing an incident or a proposal, and overriding them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from kb.domain.audit import AuditEvent
from kb.domain.incident import Status
from kb.domain.permissions import Action, Actor
from kb.domain.publication import Obstacle
from kb.errors import Conflict, FieldError, InvalidInput
from kb.messages import Message, joined
from kb.models import Comment, Incident, Proposal, db
from kb.services.core import audit
from kb.services.core.authorization import require_in
from kb.services.infrastructure.runtime import settings
from kb.services.review.four_eyes import (
    approvals_of_incident,
    approvals_of_proposal,
    four_eyes_apply_to,
    is_independently_approved,
    proposal_authors,
    unapproved_authors,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from kb.services.core.unit_of_work import UnitOfWork

_ADVICE = {
    Obstacle.NOT_REVIEWED: Message("It needs a review: submit it, so that somebody else reads it."),
    Obstacle.NOT_APPROVED: Message("A reviewer who wrote none of it has to approve this version."),
    Obstacle.OPEN_COMMENTS: Message("There are open comments: answer and resolve them."),
    Obstacle.INCIDENT_NOT_PUBLISHED: Message(
        "Its incident is not published (any longer): publish that first, or discard the proposal."
    ),
    Obstacle.CONFLICTS: Message("Others have changed the same fields: send them again."),
}
"""What the author is told about each obstacle."""

_MESSAGES = {
    Obstacle.NOT_REVIEWED: Message("Four eyes: submit it for review first."),
    Obstacle.NOT_APPROVED: Message("Four eyes: it needs the approval of a reviewer who wrote none of it."),
    Obstacle.OPEN_COMMENTS: Message("There are open comments: resolve them first."),
}
"""The errors of whoever tries to publish all the same."""


def incident_obstacles(actor: Actor, incident: Incident) -> list[Obstacle]:
    """The obstacles to publishing an incident, apart from empty fields."""
    blocking = []
    if four_eyes_apply_to(actor):
        if incident.status is Status.DRAFT:
            blocking.append(Obstacle.NOT_REVIEWED)
        elif not is_independently_approved(
            actor, unapproved_authors(incident), approvals_of_incident(incident)
        ):
            blocking.append(Obstacle.NOT_APPROVED)
    if settings().resolved_comments and count_open_comments(incident):
        blocking.append(Obstacle.OPEN_COMMENTS)
    return blocking


def proposal_obstacles(actor: Actor, proposal: Proposal) -> list[Obstacle]:
    """The obstacles to publishing a proposal."""
    blocking = []
    if four_eyes_apply_to(actor) and not is_independently_approved(
        actor, proposal_authors(proposal), approvals_of_proposal(proposal)
    ):
        blocking.append(Obstacle.NOT_APPROVED)
    if settings().resolved_comments and count_open_comments(proposal.incident, proposal):
        blocking.append(Obstacle.OPEN_COMMENTS)
    return blocking


def count_open_comments(incident: Incident, proposal: Proposal | None = None) -> int:
    """The number of unresolved comments on a proposal, or without one on the incident itself."""
    statement = select(func.count(Comment.id)).where(
        Comment.incident_id == incident.id,
        Comment.proposal_id.is_(None) if proposal is None else Comment.proposal_id == proposal.id,
        Comment.resolved_at.is_(None),
    )
    return db.session.scalar(statement) or 0


def open_comments_on(incident_ids: Collection[int]) -> dict[int, int]:
    """The number of unresolved comments on each given incident that has any, without those on proposals."""
    statement = select(Comment.incident_id, func.count()).where(
        Comment.incident_id.in_(incident_ids), Comment.proposal_id.is_(None), Comment.resolved_at.is_(None)
    )
    return {row[0]: row[1] for row in db.session.execute(statement.group_by(Comment.incident_id))}


def present_obstacles(obstacles: Sequence[Obstacle]) -> list[dict[str, Any]]:
    """Obstacles in JSON form, each with a `detail` to translate."""
    return [{"key": obstacle, "detail": _ADVICE[obstacle]} for obstacle in obstacles]


def override_obstacles(
    work: UnitOfWork,
    actor: Actor,
    incident: Incident,
    blocking: Sequence[Obstacle],
    comment: str | None,
    *,
    override: bool,
) -> str | None:
    """The keys of the obstacles that an administrator overrides, separated by spaces; None without any.

    Raises Conflict for obstacles that are not overridden, Forbidden, or InvalidInput without a comment.
    """
    if not blocking:
        return None
    if not override:
        message = joined(_MESSAGES[obstacle] for obstacle in blocking)
        raise Conflict(message, [FieldError("/step", _MESSAGES[obstacle]) for obstacle in blocking])
    require_in(actor, Action.OVERRIDE, incident.team_id)
    if not comment:
        raise InvalidInput([FieldError("/comment", Message("Give the reason for the override."))])
    audit.log_event(work, actor, AuditEvent.OVERRIDE, incident=incident, rules=[*blocking], comment=comment)
    return " ".join(blocking)


def require_no_override(*, override: bool) -> None:
    """Raise InvalidInput for an override with a step that no rule blocks."""
    if override:
        raise InvalidInput([FieldError("/override", Message("Only the step publish can override a rule."))])
