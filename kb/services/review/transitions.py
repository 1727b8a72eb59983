"""The workflow of an incident: who may take which step, and what stands in the way."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import func, select

from kb.domain.dates import iso
from kb.domain.incident import AuditEvent, Status
from kb.domain.permissions import Action, Actor, is_public
from kb.domain.workflow import OPERATIONS, Step, next_status, steps_from
from kb.errors import Conflict, FieldError, InvalidInput
from kb.models import Comment, Incident, ReviewEvent, db
from kb.services.core import audit, idempotency
from kb.services.core.authorization import Versions, needed_to, require, require_in
from kb.services.core.incident_lookup import find_for_change, find_in_team
from kb.services.core.presenters import flat
from kb.services.core.unit_of_work import UnitOfWork, unit_of_work
from kb.services.core.write_result import Written
from kb.services.infrastructure.pagination import Page, id_page
from kb.services.infrastructure.runtime import settings
from kb.services.review.completeness import require_complete
from kb.services.review.four_eyes import (
    has_other_eyes,
    needs_four_eyes,
    require_named_version,
    require_other_eyes,
)
from kb.services.search import sync


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


def review(
    actor: Actor,
    incident_id: int,
    versions: Versions | None,
    step: Step,
    comment: str | None,
    *,
    override: bool = False,
) -> Written:
    """Take a step, as of the version that the actor has read: to approve and to publish, a version by name.

    Raises PreconditionMissing for an approval of whatever is there.
    """
    require(actor, Action.STEP)
    if step in (Step.APPROVE, Step.PUBLISH):
        require_named_version(versions)
    with unit_of_work() as work:
        incident = find_for_change(actor, Action.STEP, incident_id, versions)
        was_public = is_public(incident.status, incident.visibility)
        take_step(work, actor, incident, step, comment, override=override)
        if step in OPERATIONS:
            work.record(incident, OPERATIONS[step], actor, comment=comment, was_public=was_public)
        view = idempotency.keep(flat(incident))
    return Written(view, created=False, searchable=sync.catch_up(work.seq))


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
    require_in(actor, needed_to(incident, step), incident.team_id)
    overridden = None
    if step is Step.APPROVE:
        require_other_eyes(actor, incident)
    elif step is Step.PUBLISH:
        require_complete(incident)
        overridden = _overcome(work, actor, incident, comment, override=override)
    elif override:
        raise InvalidInput([FieldError("/override", "Only a publication can override a rule.")])
    if before is Status.PUBLISHED:
        audit.note(work, actor, AuditEvent.WITHDRAWAL, incident=incident, by=step, comment=comment or None)
    incident.status = after
    if after is Status.PUBLISHED:
        incident.published_at = work.at
    elif after is Status.DRAFT:
        incident.published_at = None
    note_step(work, actor, incident, step, before, comment, overridden)


def note_step(  # noqa: PLR0917 (who did what to what, from where, and why)
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


def list_events(actor: Actor, incident_id: int, *, limit: int, cursor: str | None) -> Page:
    """The steps that an incident has taken, for its team: the latest first."""
    find_in_team(actor, Action.READ_HISTORY, incident_id)
    events = select(ReviewEvent).where(ReviewEvent.incident_id == incident_id)
    return id_page(events, ReviewEvent.id, _event, limit=limit, cursor=cursor)


def _event(row: ReviewEvent) -> dict[str, Any]:
    return {
        "id": row.id,
        "step": row.step,
        "version": row.version,
        "before": row.before,
        "after": row.after,
        "author": row.author,
        "comment": row.comment,
        "overridden": row.overridden.split() if row.overridden else [],
        "at": iso(row.at),
    }


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
    audit.note(work, actor, AuditEvent.OVERRIDE, incident=incident, rules=[*found], comment=comment)
    return rules
