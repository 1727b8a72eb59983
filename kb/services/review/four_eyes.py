"""The four-eyes rule: everything published was approved by someone who wrote none of it.

A person is identified by the principal (`user:7`), or by name (`name:Dana`) in revisions older than
principals. An actor counts as both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, select

from kb.domain.incident import CONTENT_OPERATIONS, REVIEWED_OPERATIONS, Status
from kb.domain.permissions import Action, Actor, may_in
from kb.domain.proposal import ProposalStep
from kb.domain.workflow import Step
from kb.errors import Forbidden, PreconditionMissing
from kb.messages import Message
from kb.models import ApiToken, Incident, Proposal, ProposalEvent, ReviewEvent, Revision, db
from kb.models.base import MAX_INTEGER
from kb.models.prepared_select import PreparedSelect
from kb.services.core.authorization import ANY_VERSION, Versions
from kb.services.core.system_actors import is_operator
from kb.services.infrastructure.runtime import settings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_TOKEN = "token:"  # noqa: S105 (the prefix of a token's principal)

# Built once, and without the ORM: they run while other writers wait.
_PUBLICATIONS = PreparedSelect(
    lambda values: select(ReviewEvent.version).where(
        ReviewEvent.incident_id == values[0], ReviewEvent.step == values[1]
    )
)
_REVIEWED = tuple(operation.value for operation in REVIEWED_OPERATIONS)
_REVIEWED_REVISIONS = PreparedSelect(
    lambda values: select(Revision.number).where(
        Revision.incident_id == values[0], Revision.operation.in_(values[1:])
    )
)
_CREATOR = PreparedSelect(lambda values: select(ApiToken.created_by).where(ApiToken.id == values[0]))
_WRITTEN = select(Revision.principal, Revision.author, Revision.words_of).where(
    Revision.incident_id == bindparam("incident"),
    Revision.number > bindparam("last"),
    Revision.number <= bindparam("until"),
    Revision.operation.in_(CONTENT_OPERATIONS),
)


class Approval(NamedTuple):
    """Who approved: a principal, and its name at the time."""

    principal: str
    author: str


def four_eyes_apply_to(actor: Actor) -> bool:
    """Whether the rule is on for the actor. The operator, who could turn it off, is exempt."""
    return settings().four_eyes and not is_operator(actor)


def may_publish_directly(actor: Actor, team_id: int) -> bool:
    """Whether the actor's writes may be published without a review by someone else."""
    return may_in(actor, Action.PUBLISH, team_id) and not four_eyes_apply_to(actor)


def require_single_version(versions: Versions | None) -> None:
    """Raise PreconditionMissing for several versions or any version: a reviewer approves only the
    version that was read.

    A missing precondition (None) is left to the check of versions that follows.
    """
    if versions is not None and (len(versions) > 1 or ANY_VERSION in versions):
        raise PreconditionMissing(
            Message("Send If-Match with the ETag of the one version that you have read, not *.")
        )


def must_propose(actor: Actor, incident: Incident) -> bool:
    """Whether a change by the actor to an incident becomes a proposal, because readers would see it at
    once and the actor may not publish without a review."""
    return incident.status is Status.PUBLISHED and not may_publish_directly(actor, incident.team_id)


def require_not_author(actor: Actor, authors: Collection[str]) -> None:
    """Raise Forbidden under the rule for an actor who is among the authors of what would be approved."""
    if four_eyes_apply_to(actor) and is_author(actor, authors):
        raise Forbidden(Message("Four eyes: you wrote some of this. Somebody else has to approve it."))


def is_author(actor: Actor, authors: Collection[str]) -> bool:
    """Whether the actor is among the authors, under the principal or the name."""
    return not _identities(actor).isdisjoint(authors)


def is_independently_approved(actor: Actor, authors: Collection[str], approvals: Iterable[Approval]) -> bool:
    """Whether someone who is not an author approves: the actor, or an earlier approver."""
    if _identities(actor).isdisjoint(authors):
        return True
    return any(
        {_root_principal(approval.principal), _name_identity(approval.author)}.isdisjoint(authors)
        for approval in approvals
    )


def approvals_of_incident(incident: Incident) -> list[Approval]:
    """The approvals of the incident's current version."""
    statement = select(ReviewEvent.principal, ReviewEvent.author).where(
        ReviewEvent.incident_id == incident.id,
        ReviewEvent.step == Step.APPROVE,
        ReviewEvent.version == incident.version,
    )
    return [Approval(row.principal, row.author) for row in db.session.execute(statement)]


def approvals_of_proposal(proposal: Proposal) -> list[Approval]:
    """The approvals of the proposal's current version."""
    statement = select(ProposalEvent.principal, ProposalEvent.author).where(
        ProposalEvent.proposal_id == proposal.id,
        ProposalEvent.step == ProposalStep.APPROVE,
        ProposalEvent.version == proposal.version,
    )
    return [Approval(row.principal, row.author) for row in db.session.execute(statement)]


def proposal_authors(proposal: Proposal) -> set[str]:
    """Who wrote the proposed changes, including the authors of content that was restored or merged."""
    authors: set[str] = set()
    for revision in proposal.revisions:
        authors.add(_root_principal(revision.principal))
        authors.update(revision.words_of or ())
    return authors


def unapproved_authors(incident: Incident, *, until: int | None = None) -> set[str]:
    """The authors of content of an incident, or of its version `until`, that is newer than its last
    publication.

    Includes the authors of content that was restored or merged into it.
    """
    connection = db.session.connection()
    # Proposals, and publications that are older than the table of steps, are known from their revisions.
    covered = [
        *_PUBLICATIONS.rows_in(connection, [incident.id, Step.PUBLISH.value]),
        *_REVIEWED_REVISIONS.rows_in(connection, [incident.id, *_REVIEWED]),
    ]
    last = max((number for (number,) in covered if until is None or number <= until), default=0)
    values = {"incident": incident.id, "last": last, "until": MAX_INTEGER if until is None else until}
    authors: set[str] = set()
    for row in connection.execute(_WRITTEN, values):
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
        token_id = int(principal.removeprefix(_TOKEN))
        rows = _CREATOR.rows_in(db.session.connection(), [token_id])
        creator = rows[0][0] if rows else None
        if creator is None or not creator.startswith((_TOKEN, "user:")):
            break
        principal = creator
    return principal
