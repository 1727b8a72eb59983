"""Four eyes: what readers see has been read by somebody who did not write it."""

from __future__ import annotations

from sqlalchemy import select

from kb.domain.incident import CONTENT_OPERATIONS, Operation, Status
from kb.domain.permissions import Action, Actor, may_in
from kb.domain.workflow import Step
from kb.errors import Conflict, Forbidden, PreconditionMissing
from kb.models import ApiToken, Incident, ReviewEvent, Revision, db
from kb.services.access import ANY_VERSION, Versions
from kb.services.runtime import settings

_TOKEN = "token:"  # noqa: S105 (how a principal begins)


def needs_four_eyes(actor: Actor) -> bool:
    """Whether the rule holds for the actor: not for somebody at the machine itself, who could lift it."""
    at_the_machine = actor.user_id is None and actor.token_id is None and actor.sees_everything
    return settings().four_eyes and not at_the_machine


def may_publish_at_once(actor: Actor, team_id: int) -> bool:
    """Whether the actor may file something as published, which nobody else has read."""
    return may_in(actor, Action.PUBLISH, team_id) and not needs_four_eyes(actor)


def require_named_version(versions: Versions | None) -> None:
    """Raise PreconditionMissing for who would approve of whatever is there, rather than of what they read."""
    if ANY_VERSION in (versions or ()):
        raise PreconditionMissing("Send If-Match with the ETag of the version that you have read, not *.")


def require_open_to_change(actor: Actor, incident: Incident) -> None:
    """Raise Conflict for what is published: readers would see at once what one person has written."""
    if incident.status is Status.PUBLISHED and needs_four_eyes(actor):
        raise Conflict("Four eyes: reopen it, which hides it from its readers, and have the change reviewed.")


def require_other_eyes(actor: Actor, incident: Incident) -> None:
    """Raise Forbidden for who has written what is to be approved."""
    if needs_four_eyes(actor) and _eyes_of(actor) & _writers(incident):
        raise Forbidden("Four eyes: you wrote some of this. Somebody else has to approve it.")


def has_other_eyes(actor: Actor, incident: Incident) -> bool:
    """Whether somebody who wrote nothing of it approves of this version: the actor, or who did so before."""
    writers = _writers(incident)
    if not _eyes_of(actor) & writers:
        return True
    approvals = select(ReviewEvent.principal, ReviewEvent.author).where(
        ReviewEvent.incident_id == incident.id,
        ReviewEvent.step == Step.APPROVE,
        ReviewEvent.version == incident.version,
    )
    rows = db.session.execute(approvals).all()
    return any(not {_person(row.principal), _named(row.author)} & writers for row in rows)


def _writers(incident: Incident) -> set[str]:
    """Who wrote any of an incident since it was last published."""
    ours = Revision.incident_id == incident.id
    published = select(Revision.number).where(ours, Revision.operation == Operation.PUBLISHED)
    last = db.session.scalar(published.order_by(Revision.number.desc()).limit(1)) or 0
    written = select(Revision.principal, Revision.author).where(
        ours, Revision.number > last, Revision.operation.in_(CONTENT_OPERATIONS)
    )
    return {
        _named(row.author) if row.principal is None else _person(row.principal)
        for row in db.session.execute(written.distinct())
    }


def _eyes_of(actor: Actor) -> set[str]:
    return {_person(actor.principal), _named(actor.name)}


def _named(author: str) -> str:
    """Who wrote something before there were users is known by name only."""
    return f"name:{author}"


def _person(principal: str) -> str:
    """Whose eyes a principal has: a token of a team those of who made it, as far as that is known."""
    seen: set[str] = set()
    while principal.startswith(_TOKEN) and principal not in seen:
        seen.add(principal)
        maker = select(ApiToken.created_by).where(ApiToken.id == int(principal.removeprefix(_TOKEN)))
        found = db.session.scalar(maker)
        if found is None or not found.startswith((_TOKEN, "user:")):
            break
        principal = found
    return principal
