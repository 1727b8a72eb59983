"""Four eyes: what readers see has been read by somebody who did not write it."""

from __future__ import annotations

from sqlalchemy import select

from kb.domain.incident import CONTENT_OPERATIONS, Operation, Status
from kb.domain.permissions import Action, Actor, may_in
from kb.domain.workflow import Step
from kb.errors import Conflict, Forbidden, PreconditionMissing
from kb.models import ApiToken, Incident, ReviewEvent, Revision, db
from kb.services.core.authorization import ANY_VERSION, Versions
from kb.services.infrastructure.runtime import settings

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
    if versions is not None and (len(versions) > 1 or ANY_VERSION in versions):
        raise PreconditionMissing("Send If-Match with the ETag of the one version that you have read, not *.")


def require_open_to_change(actor: Actor, incident: Incident) -> None:
    """Raise Conflict for what is published: readers would see at once what one person has written."""
    if incident.status is Status.PUBLISHED and needs_four_eyes(actor):
        raise Conflict("Four eyes: reopen it, which hides it from its readers, and have the change reviewed.")


def require_other_eyes(actor: Actor, incident: Incident) -> None:
    """Raise Forbidden for who has written what is to be approved."""
    if needs_four_eyes(actor) and _eyes_of(actor) & writers(incident):
        raise Forbidden("Four eyes: you wrote some of this. Somebody else has to approve it.")


def has_other_eyes(actor: Actor, incident: Incident) -> bool:
    """Whether somebody who wrote nothing of it approves of this version: the actor, or who did so before."""
    ours = writers(incident)
    if not _eyes_of(actor) & ours:
        return True
    approvals = select(ReviewEvent.principal, ReviewEvent.author).where(
        ReviewEvent.incident_id == incident.id,
        ReviewEvent.step == Step.APPROVE,
        ReviewEvent.version == incident.version,
    )
    rows = db.session.execute(approvals).all()
    return any(not {_person(row.principal), _named(row.author)} & ours for row in rows)


def writers(incident: Incident, *, until: int | None = None) -> set[str]:
    """Whose words are in an incident, or in a version of it, without somebody else's approval.

    That is who wrote any of it since it was last published, and whose words were brought back or taken over.
    """
    ours = Revision.incident_id == incident.id
    steps = select(ReviewEvent.version).where(
        ReviewEvent.incident_id == incident.id, ReviewEvent.step == Step.PUBLISH
    )
    # Before there were steps, there were revisions that said so.
    earlier = select(Revision.number).where(ours, Revision.operation == Operation.PUBLISHED)
    numbers = [*db.session.scalars(steps), *db.session.scalars(earlier)]
    last = max((number for number in numbers if until is None or number <= until), default=0)
    written = select(Revision.principal, Revision.author, Revision.words_of).where(
        ours, Revision.number > last, Revision.operation.in_(CONTENT_OPERATIONS)
    )
    if until is not None:
        written = written.where(Revision.number <= until)
    found: set[str] = set()
    for row in db.session.execute(written):
        found.add(_named(row.author) if row.principal is None else _person(row.principal))
        found.update(row.words_of or ())
    return found


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
