"""Proposals in JSON form: the resulting incident, the differences, and the obstacles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.dates import iso
from kb.domain.incident import Status
from kb.domain.permissions import Actor, may_in
from kb.domain.proposal import PROPOSAL_ACTIONS, ProposalStatus
from kb.domain.publication import Obstacle
from kb.services.core.presenters import detail, snapshot
from kb.services.incidents.changes.edit import added_concerns
from kb.services.incidents.changes.history import field_diffs, find_revision
from kb.services.incidents.changes.proposing import conflict_errors, proposed_state
from kb.services.incidents.content.states import detached_copy
from kb.services.review.concerns import comment_concerns, present_concerns
from kb.services.review.obstacles import count_open_comments, present_obstacles, proposal_obstacles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.models import Proposal


def proposal_summary(proposal: Proposal) -> dict[str, Any]:
    """A summary of a proposal."""
    incident = proposal.incident
    return {
        "id": proposal.id,
        "incident": incident.id,
        "title": incident.original.title,
        "team": incident.team.key,
        "language": proposal.language,
        "translation": proposal.language != incident.language,
        "status": proposal.status,
        "author": proposal.author,
        "created_at": iso(proposal.created_at),
        "updated_at": iso(proposal.updated_at),
        "version": proposal.version,
    }


def proposal_detail(
    actor: Actor, proposal: Proposal, languages: Sequence[str], version: int | None = None
) -> dict[str, Any]:
    """A proposal in full, in one of its versions, by default the latest.

    Its content is in the first of the languages that it exists in, the differences in all. For a closed
    proposal, the differences are to the version of the incident that it was based on.
    """
    incident = proposal.incident
    state, conflicts = proposed_state(proposal, version)
    base_version = proposal.revisions[-1 if version is None else version - 1].base_version
    is_open = proposal.status is ProposalStatus.OPEN
    published = snapshot(incident) if is_open else find_revision(incident.id, base_version).snapshot
    return {
        **proposal_summary(proposal),
        "version": version or proposal.version,
        "base_version": base_version,
        "incident_version": incident.version,
        "content": detail(detached_copy(incident, state), languages),
        "changes": field_diffs(published, state),
        "conflicts": [
            {"pointer": error.pointer, "detail": error.detail} for error in conflict_errors(conflicts)
        ],
        **_requirements(actor, proposal, published=published, state=state, conflicts=conflicts),
        "revisions": [
            {"version": row.number, "author": row.author, "comment": row.comment, "at": iso(row.at)}
            for row in proposal.revisions
        ],
        "events": [
            {
                "step": row.step,
                "version": row.version,
                "author": row.author,
                "comment": row.comment,
                "overridden": row.overridden.split() if row.overridden else [],
                "at": iso(row.at),
            }
            for row in proposal.events
        ],
    }


def _requirements(
    actor: Actor,
    proposal: Proposal,
    *,
    published: dict[str, Any],
    state: dict[str, Any],
    conflicts: Sequence[str],
) -> dict[str, Any]:
    """What an open proposal still needs before it is published, and who may take which step."""
    incident = proposal.incident
    open_comments = count_open_comments(incident, proposal)
    if proposal.status is not ProposalStatus.OPEN:
        return {"obstacles": [], "concerns": [], "open_comments": open_comments, "steps": []}
    obstacles = proposal_obstacles(actor, proposal)
    if incident.status is not Status.PUBLISHED:
        obstacles.append(Obstacle.INCIDENT_NOT_PUBLISHED)
    if conflicts:
        obstacles.append(Obstacle.CONFLICTS)
    reasons = [*comment_concerns(incident, proposal), *added_concerns(published, state)]
    return {
        "obstacles": present_obstacles(obstacles),
        "concerns": present_concerns(reasons),
        "open_comments": open_comments,
        "steps": [
            step for step, action in PROPOSAL_ACTIONS.items() if may_in(actor, action, incident.team_id)
        ],
    }
