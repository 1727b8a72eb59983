"""The workflow of an incident: who may take which step, and what stands in the way."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import func, select

from kb.domain.dates import iso
from kb.domain.incident import CONTENT_OPERATIONS, AuditEvent, Status
from kb.domain.permissions import Action, Actor, is_public, may_in
from kb.domain.workflow import OPERATIONS, Step, needed_for, next_status, steps_from
from kb.errors import Conflict, FieldError, Forbidden, InvalidInput
from kb.models import Comment, Incident, ReviewEvent, Revision, db
from kb.services import audit, idempotency, index_sync
from kb.services.access import Versions, find_for_change, find_in_team, require, require_in
from kb.services.completeness import require_complete
from kb.services.pages import Page, id_page
from kb.services.runtime import settings
from kb.services.unit_of_work import UnitOfWork, unit_of_work
from kb.services.views import flat
from kb.services.written import Written


class Obstacle(StrEnum):
    """Why an incident that is complete cannot be published, as the team has set it up."""

    NOT_REVIEWED = "not_reviewed"
    NOT_APPROVED = "not_approved"
    OPEN_COMMENTS = "open_comments"


_WHY = {
    Obstacle.NOT_REVIEWED: "Four eyes: submit it for review first.",
    Obstacle.NOT_APPROVED: "Four eyes: this version needs the approval of a reviewer who did not write it.",
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
    """Take a step, as of the version that the actor has read."""
    require(actor, Action.STEP)
    with unit_of_work() as work:
        incident = find_for_change(actor, Action.STEP, incident_id, versions)
        was_public = is_public(incident.status, incident.visibility)
        take_step(work, actor, incident, step, comment, override=override)
        if step in OPERATIONS:
            work.record(incident, OPERATIONS[step], actor, comment=comment, was_public=was_public)
        view = idempotency.keep(flat(incident))
    return Written(view, created=False, searchable=index_sync.catch_up(work.seq))


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
    require_in(actor, needed_for(before, step), incident.team_id)
    overridden = None
    if step is Step.APPROVE:
        _require_other_eyes(actor, incident)
    elif step is Step.PUBLISH:
        require_complete(incident)
        overridden = _overcome(work, actor, incident, comment, override=override)
    elif override:
        raise InvalidInput([FieldError("/override", "Only a publication can override a rule.")])
    if step is Step.WITHDRAW and before is Status.PUBLISHED:
        audit.note(work, actor, AuditEvent.WITHDRAWAL, incident=incident, comment=comment or None)
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


def may_publish_at_once(actor: Actor, team_id: int) -> bool:
    """Whether the actor may file something as published: not with four eyes, which need a second person."""
    return may_in(actor, Action.PUBLISH, team_id) and (not settings().four_eyes or _is_operator(actor))


def require_open_to_change(actor: Actor, incident: Incident) -> None:
    """With four eyes, raise Conflict for what is published: readers would see what one person has seen."""
    if settings().four_eyes and incident.status is Status.PUBLISHED and not _is_operator(actor):
        raise Conflict("Four eyes: reopen it, change the draft, and have it reviewed again.")


def obstacles(actor: Actor, incident: Incident) -> list[Obstacle]:
    """What stands in the way of publishing an incident, beside what it lacks."""
    found = []
    if settings().four_eyes and not _is_operator(actor):
        if incident.status is Status.DRAFT:
            found.append(Obstacle.NOT_REVIEWED)
        elif not _has_other_eyes(actor, incident):
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


def _require_other_eyes(actor: Actor, incident: Incident) -> None:
    if settings().four_eyes and actor.principal in _writers(incident):
        raise Forbidden("Four eyes: you wrote this. Somebody else has to approve it.")


def _has_other_eyes(actor: Actor, incident: Incident) -> bool:
    """Whether somebody who did not write this version approves of it: the actor, or who did so before."""
    writers = _writers(incident)
    if actor.principal not in writers:
        return True
    approvals = select(ReviewEvent.principal).where(
        ReviewEvent.incident_id == incident.id,
        ReviewEvent.step == Step.APPROVE,
        ReviewEvent.version == incident.version,
    )
    return bool(set(db.session.scalars(approvals)) - writers)


def _writers(incident: Incident) -> set[str | None]:
    """Who filed an incident, and who wrote what it says now."""
    written = select(Revision.number, Revision.principal).where(
        Revision.incident_id == incident.id, Revision.operation.in_(CONTENT_OPERATIONS)
    )
    rows = db.session.execute(written.order_by(Revision.number)).all()
    return {rows[0].principal, rows[-1].principal} if rows else set()


def _is_operator(actor: Actor) -> bool:
    """Whether somebody at the machine itself acts, who could change the settings as well."""
    return actor.user_id is None and actor.token_id is None and actor.sees_everything
