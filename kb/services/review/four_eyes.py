"""The four-eyes rule: whatever is published was approved by somebody who wrote none of it.

A person is identified by the principal (`user:7`), or by name (`name:Dana`) where a revision is older than
principals. An actor counts as both.
"""

from __future__ import annotations

from sqlalchemy import select

from kb.domain.incident import CONTENT_OPERATIONS, Operation, Status
from kb.domain.permissions import Action, Actor, may_in
from kb.domain.workflow import Step
from kb.errors import Conflict, Forbidden, PreconditionMissing
from kb.models import ApiToken, Incident, ReviewEvent, Revision, db
from kb.services.core.authorization import ANY_VERSION, Versions
from kb.services.infrastructure.runtime import settings

_TOKEN = "token:"  # noqa: S105 (the prefix of a token's principal)


def four_eyes_apply_to(actor: Actor) -> bool:
    """Whether the rule is on for the actor.

    The operator is exempt: whoever runs commands on the server could turn the rule off.
    """
    is_operator = actor.user_id is None and actor.token_id is None and actor.sees_everything
    return settings().four_eyes and not is_operator


def may_publish_directly(actor: Actor, team_id: int) -> bool:
    """Whether the actor may file an incident as published, without a review."""
    return may_in(actor, Action.PUBLISH, team_id) and not four_eyes_apply_to(actor)


def require_single_version(versions: Versions | None) -> None:
    """Raise PreconditionMissing for several versions or any version: a reviewer approves only the
    version that was read.

    A missing precondition (None) is left to the check of versions that follows.
    """
    if versions is not None and (len(versions) > 1 or ANY_VERSION in versions):
        raise PreconditionMissing("Send If-Match with the ETag of the one version that you have read, not *.")


def require_editable(actor: Actor, incident: Incident) -> None:
    """Raise Conflict under the rule for a published incident: a change would be public without a review."""
    if incident.status is Status.PUBLISHED and four_eyes_apply_to(actor):
        raise Conflict("Four eyes: reopen it, which hides it from readers, and have the change reviewed.")


def require_not_author(actor: Actor, incident: Incident) -> None:
    """Raise Forbidden under the rule for an actor who wrote some of what would be approved."""
    if four_eyes_apply_to(actor) and _identities(actor) & unapproved_authors(incident):
        raise Forbidden("Four eyes: you wrote some of this. Somebody else has to approve it.")


def is_independently_approved(actor: Actor, incident: Incident) -> bool:
    """Whether somebody who wrote none of the current version approves of it: the actor, or an earlier
    reviewer."""
    authors = unapproved_authors(incident)
    if not _identities(actor) & authors:
        return True
    approvals = select(ReviewEvent.principal, ReviewEvent.author).where(
        ReviewEvent.incident_id == incident.id,
        ReviewEvent.step == Step.APPROVE,
        ReviewEvent.version == incident.version,
    )
    rows = db.session.execute(approvals).all()
    return any(not {_root_principal(row.principal), _name_identity(row.author)} & authors for row in rows)


def unapproved_authors(incident: Incident, *, until: int | None = None) -> set[str]:
    """Who wrote content of an incident, or of its version `until`, that no publication has covered yet.

    Includes the authors of content that was restored or merged into it.
    """
    this_incident = Revision.incident_id == incident.id
    steps = select(ReviewEvent.version).where(
        ReviewEvent.incident_id == incident.id, ReviewEvent.step == Step.PUBLISH
    )
    # Publications that are older than the table of steps are known from their revisions.
    earlier = select(Revision.number).where(this_incident, Revision.operation == Operation.PUBLISHED)
    numbers = [*db.session.scalars(steps), *db.session.scalars(earlier)]
    last = max((number for number in numbers if until is None or number <= until), default=0)
    revisions = select(Revision.principal, Revision.author, Revision.words_of).where(
        this_incident, Revision.number > last, Revision.operation.in_(CONTENT_OPERATIONS)
    )
    if until is not None:
        revisions = revisions.where(Revision.number <= until)
    authors: set[str] = set()
    for row in db.session.execute(revisions):
        authors.add(_name_identity(row.author) if row.principal is None else _root_principal(row.principal))
        authors.update(row.words_of or ())
    return authors


def _identities(actor: Actor) -> set[str]:
    return {_root_principal(actor.principal), _name_identity(actor.name)}


def _name_identity(author: str) -> str:
    return f"name:{author}"


def _root_principal(principal: str) -> str:
    """The principal who created a token, followed through tokens to a user where that is known."""
    seen: set[str] = set()
    while principal.startswith(_TOKEN) and principal not in seen:
        seen.add(principal)
        query = select(ApiToken.created_by).where(ApiToken.id == int(principal.removeprefix(_TOKEN)))
        creator = db.session.scalar(query)
        if creator is None or not creator.startswith((_TOKEN, "user:")):
            break
        principal = creator
    return principal
