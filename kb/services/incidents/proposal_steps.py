"""Steps of a proposal: approving, publishing and discarding it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kb.domain.incident import Operation, Status
from kb.domain.permissions import Action, Actor, is_public
from kb.domain.proposal import PROPOSAL_ACTIONS, STATUS_AFTER, ProposalStep
from kb.domain.three_way_merge import edited_fields
from kb.errors import Conflict, FieldError
from kb.models import Proposal, ProposalEvent, db
from kb.services.core import idempotency
from kb.services.core.authorization import (
    Versions,
    require,
    require_current_version,
    require_in,
    require_not_duplicate,
)
from kb.services.core.presenters import detail, snapshot
from kb.services.core.unit_of_work import UnitOfWork, unit_of_work
from kb.services.core.write_result import WriteResult
from kb.services.incidents.edit import check_published_content
from kb.services.incidents.proposals import find_proposal, present, require_open
from kb.services.incidents.proposing import proposed_state
from kb.services.incidents.states import write_state
from kb.services.review.concerns import comment_concerns, require_acknowledged
from kb.services.review.four_eyes import proposal_authors, require_not_author, require_single_version
from kb.services.review.obstacles import override_obstacles, proposal_obstacles, require_no_override
from kb.services.search import sync

if TYPE_CHECKING:
    from collections.abc import Collection


class Author(NamedTuple):
    """Who wrote a revision: a name, and the principal that it stands for."""

    name: str
    principal: str


def take_proposal_step(
    actor: Actor,
    proposal_id: int,
    versions: Versions | None,
    step: ProposalStep,
    comment: str | None,
    *,
    override: bool = False,
    acknowledged: Collection[str] = (),
) -> WriteResult:
    """Take a step of an open proposal; to approve or publish, from the single version that was read.

    Publishing applies its changes to the incident as it is now, under the name of their author. Raises
    NotFound, Forbidden, PreconditionMissing, StaleVersion, InvalidInput, or Conflict for a closed proposal, a
    conflict with later changes, an obstacle that is not overridden, or a concern that is not acknowledged.
    """
    require(actor, Action.TRANSITION)
    if step is not ProposalStep.DISCARD:
        require_single_version(versions)
    with unit_of_work() as work:
        proposal = find_proposal(actor, Action.TRANSITION, proposal_id, for_update=True)
        require_in(actor, PROPOSAL_ACTIONS[step], proposal.incident.team_id)
        require_current_version(versions, proposal.version)
        require_open(proposal)
        overridden = None
        if step is not ProposalStep.PUBLISH:
            require_no_override(override=override)
        if step is ProposalStep.APPROVE:
            require_not_author(actor, proposal_authors(proposal))
        elif step is ProposalStep.PUBLISH:
            blocking = proposal_obstacles(actor, proposal)
            overridden = override_obstacles(
                work, actor, proposal.incident, blocking, comment, override=override
            )
            _publish(work, actor, proposal, acknowledged)
        proposal.status, proposal.updated_at = STATUS_AFTER[step], work.at
        proposal.events.append(
            ProposalEvent(
                version=proposal.version,
                step=step,
                author=actor.name,
                principal=actor.principal,
                comment=comment or None,
                overridden=overridden,
                at=work.at,
            )
        )
        db.session.flush()
        answer = idempotency.store_answer(
            present(actor, proposal, [proposal.language]), incident_id=proposal.incident_id, internal=True
        )
        body = detail(proposal.incident, [proposal.language])
    return WriteResult(body, created=False, searchable=sync.catch_up(work.seq), proposal=answer)


def _publish(work: UnitOfWork, actor: Actor, proposal: Proposal, acknowledged: Collection[str]) -> None:
    incident = proposal.incident
    require_not_duplicate(incident)
    if incident.status is not Status.PUBLISHED:
        raise Conflict(
            f"Incident {incident.id} is {incident.status}: publish it first, or discard the proposal."
        )
    state, conflicts = proposed_state(proposal)
    if conflicts:
        raise Conflict(
            "Others have changed fields that this proposal changes, too. PATCH them into the proposal again.",
            [FieldError(pointer, "Changed in the published incident.") for pointer in conflicts],
        )
    was_public, published = is_public(incident.status, incident.visibility), snapshot(incident)
    with db.session.no_autoflush:
        write_state(incident, state)
        if not edited_fields(published, snapshot(incident)):
            raise Conflict("This proposal changes nothing any more: discard it.")
    require_acknowledged(work, actor, incident, comment_concerns(incident, proposal), acknowledged)
    check_published_content(
        work, actor, incident, published, was_public=was_public, acknowledged=acknowledged
    )
    first, *others = proposal.revisions
    work.record(
        incident,
        Operation.REVISED,
        Author(first.author, first.principal),
        comment=others[-1].comment if others and others[-1].comment else first.comment,
        was_public=was_public,
        words_of=proposal_authors(proposal),
    )
