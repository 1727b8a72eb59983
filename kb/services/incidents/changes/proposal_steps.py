"""The steps of a proposal: approve, publish and discard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kb.domain.incident import MAX_LANGUAGES, MAX_LESSONS, Operation, Status
from kb.domain.permissions import Action, Actor, is_public
from kb.domain.proposal import PROPOSAL_ACTIONS, ProposalStep
from kb.domain.three_way_merge import edited_fields
from kb.domain.workflow import Step
from kb.errors import Conflict
from kb.messages import Message, word
from kb.models import db
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
from kb.services.incidents.changes.edit import check_published_content
from kb.services.incidents.changes.proposal_presenter import proposal_detail
from kb.services.incidents.changes.proposals import find_proposal, require_open
from kb.services.incidents.changes.proposing import conflict_errors, proposed_state, record_proposal_step
from kb.services.incidents.content.states import write_state
from kb.services.review.concerns import comment_concerns, scan
from kb.services.review.four_eyes import proposal_authors, require_not_author, require_single_version
from kb.services.review.obstacles import override_obstacles, proposal_obstacles, require_no_override
from kb.services.review.steps import record_step
from kb.services.search import sync

if TYPE_CHECKING:
    from collections.abc import Collection

    from kb.models import Incident, Proposal

MAX_AUTHOR_LENGTH = 200
"""The maximum length of an author's name in a revision, in characters."""


class Authors(NamedTuple):
    """The authors of a proposal by name, under the principal of the first."""

    name: str
    principal: str


@sync.coming()
def take_proposal_step(
    actor: Actor,
    proposal_id: int,
    versions: Versions | None,
    step: ProposalStep,
    comment: str | None,
    *,
    override: bool,
    acknowledged: Collection[str],
) -> WriteResult:
    """Take a step of an open proposal; to approve or publish, from the single version that was read.

    Publishing applies its changes to the current incident, under the name of their author. Raises NotFound,
    Forbidden, PreconditionMissing, StaleVersion, InvalidInput, or Conflict for a closed proposal, a conflict
    with later changes, an obstacle that is not overridden, or an unacknowledged concern.
    """
    require(actor, Action.TRANSITION)
    if step is not ProposalStep.DISCARD:
        require_single_version(versions)
    if step is ProposalStep.PUBLISH:
        _scan_texts(actor, proposal_id)
    with unit_of_work() as work:
        proposal = find_proposal(actor, Action.TRANSITION, proposal_id, for_update=True)
        require_in(actor, PROPOSAL_ACTIONS[step], proposal.incident.team_id)
        require_current_version(versions, proposal.version)
        require_open(proposal)
        overridden = None
        if step is not ProposalStep.PUBLISH:
            require_no_override(override=override)
        if step is not ProposalStep.DISCARD:
            _require_published(proposal.incident)
        if step is ProposalStep.APPROVE:
            require_not_author(actor, proposal_authors(proposal))
        elif step is ProposalStep.PUBLISH:
            blocking = proposal_obstacles(actor, proposal)
            overridden = override_obstacles(
                work, actor, proposal.incident, blocking, comment, override=override
            )
            _publish(work, actor, proposal, comment=comment, overridden=overridden, acknowledged=acknowledged)
        record_proposal_step(work, actor, proposal, step, comment=comment, overridden=overridden)
        answer = proposal_detail(actor, proposal, [proposal.language])
        idempotency.store_answer(answer, incident_id=proposal.incident_id, internal=True)
        body = detail(proposal.incident, [proposal.language])
    return WriteResult(body, created=False, searchable=sync.catch_up(work.seq), proposal=answer)


def _scan_texts(actor: Actor, proposal_id: int) -> None:
    """Scan for concerns before the transaction, so that others need not wait for long texts."""
    proposal = find_proposal(actor, Action.TRANSITION, proposal_id)
    scan(snapshot(proposal.incident))
    scan(proposed_state(proposal).snapshot)


def _publish(
    work: UnitOfWork,
    actor: Actor,
    proposal: Proposal,
    *,
    comment: str | None,
    overridden: str | None,
    acknowledged: Collection[str],
) -> None:
    """Apply a proposal to its incident, as a revision of its authors, and record who published it."""
    incident = proposal.incident
    was_public = is_public(incident.status, incident.visibility)
    published = _apply(proposal)
    check_published_content(
        work,
        actor,
        incident,
        published,
        was_public=was_public,
        acknowledged=acknowledged,
        open_comments=comment_concerns(incident, proposal),
    )
    reasons = [row.comment for row in proposal.revisions if row.comment]
    work.record(
        incident,
        Operation.REVISED,
        _authors(proposal),
        comment=" ".join([*reasons, f"Proposal {proposal.id}, published by {actor.name}."]),
        was_public=was_public,
        words_of=proposal_authors(proposal),
    )
    record_step(
        work,
        actor,
        incident,
        Step.PUBLISH,
        before=Status.PUBLISHED,
        comment=f"Proposal {proposal.id}. {comment or ''}".rstrip(),
        overridden=overridden,
    )


def _apply(proposal: Proposal) -> dict[str, Any]:
    """Write a proposal into its incident; return the incident's state before.

    Raises Conflict if others have changed the same fields, if nothing is left to change, or if the incident
    would become too large.
    """
    incident = proposal.incident
    state, conflicts = proposed_state(proposal)
    if conflicts:
        raise Conflict(
            Message(
                "Others have changed fields that this proposal changes, too. "
                "PATCH them into the proposal again."
            ),
            conflict_errors(conflicts),
        )
    before = snapshot(incident)
    with db.session.no_autoflush:
        write_state(incident, state)
        if not edited_fields(before, snapshot(incident)):
            raise Conflict(Message("This proposal changes nothing any more: discard it."))
    _require_within_limits(incident)
    return before


def _authors(proposal: Proposal) -> Authors:
    """All its authors, or only the first if their names are too long together."""
    names = ", ".join({row.principal: row.author for row in proposal.revisions}.values())
    name = names if len(names) <= MAX_AUTHOR_LENGTH else proposal.author
    return Authors(name, proposal.principal)


def _require_published(incident: Incident) -> None:
    """Raise Conflict for a proposal to an incident that readers do not see."""
    require_not_duplicate(incident)
    if incident.status is not Status.PUBLISHED:
        raise Conflict(
            Message(
                "Incident {id} is {status}: publish it first, or discard the proposal.",
                id=incident.id,
                status=word(incident.status),
            )
        )


def _require_within_limits(incident: Incident) -> None:
    """Raise Conflict for an incident that several proposals together made too large."""
    for what, count, limit in (
        ("languages", len(incident.texts), MAX_LANGUAGES),
        ("lessons", len(incident.lessons), MAX_LESSONS),
    ):
        if count > limit:
            raise Conflict(
                Message(
                    "It would have {count} {what}; the maximum is {limit}. Discard the proposal.",
                    count=count,
                    what=word(what),
                    limit=limit,
                )
            )
