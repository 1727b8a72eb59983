"""The starting point of an edit: the incident itself, or the open proposal to change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from kb.domain.permissions import Action, Actor, may_in
from kb.domain.proposal import ProposalStatus
from kb.errors import Moved, NotFound
from kb.messages import Message
from kb.models import Proposal, db
from kb.services.core.authorization import require, require_in
from kb.services.core.incident_lookup import find_in_team, find_incident
from kb.services.core.presenters import snapshot
from kb.services.incidents.changes.history import find_revision
from kb.services.incidents.changes.proposals import find_proposal, update_proposal
from kb.services.incidents.changes.proposing import proposed_state
from kb.services.incidents.duplicates.merged import resolve_duplicate
from kb.services.incidents.write import update_incident
from kb.services.review.four_eyes import must_propose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.services.core.authorization import Versions


class Editable(NamedTuple):
    """The state of an incident that an edit starts from, and what the edit applies to.

    `state` is a snapshot. If the edit would extend an open `proposal`, `version` is the version of the
    proposal, otherwise of the incident. `proposes` is whether the edit needs a review before readers see it.
    `conflicts` holds the JSON pointers of fields that both the incident and the proposal changed.
    """

    incident_id: int
    language: str
    state: dict[str, Any]
    version: int
    proposal: int | None
    proposes: bool
    conflicts: list[str]


def may_edit(actor: Actor, incident_id: int) -> bool:
    """Whether an actor may change an incident, or propose a change. Raises NotFound for a hidden one."""
    return may_in(actor, Action.EDIT, find_incident(actor, incident_id).team_id)


def get_editable(actor: Actor, incident_id: int, language: str | None) -> Editable:
    """Return the state that an edit of an incident's texts in a language starts from.

    Without texts in that language, the edit is of the original's. Raises NotFound, Forbidden, or Moved for a
    duplicate whose original the actor may see.
    """
    require(actor, Action.EDIT)
    incident, original = resolve_duplicate(actor, incident_id)
    if original is not incident:
        message = Message("Incident {id} is a duplicate of {original}.", id=incident.id, original=original.id)
        raise Moved(message, original.id)
    require_in(actor, Action.EDIT, incident.team_id)
    proposes = must_propose(actor, incident)
    open_proposals = _open_proposals(incident_id) if proposes else {}
    if language is None or language not in {*incident.texts, *open_proposals}:
        language = incident.language
    proposal = open_proposals.get(language)
    if proposal is None:
        return Editable(incident_id, language, snapshot(incident), incident.version, None, proposes, [])
    state, conflicts = proposed_state(proposal)
    return Editable(incident_id, language, state, proposal.version, proposal.id, proposes, conflicts)


def find_state(
    actor: Actor, incident_id: int, proposal_id: int | None, version: int
) -> dict[str, Any] | None:
    """The snapshot of a version of an incident, or of a proposal to it; None if there is no such version.

    Raises NotFound for a hidden incident, or Forbidden.
    """
    find_in_team(actor, Action.EDIT, incident_id)
    try:
        if proposal_id is None:
            return find_revision(incident_id, version).snapshot
        proposal = find_proposal(actor, Action.EDIT, proposal_id)
    except NotFound:
        return None
    is_known = proposal.incident_id == incident_id and 1 <= version <= len(proposal.revisions)
    return proposed_state(proposal, version).snapshot if is_known else None


def save(actor: Actor, editable: Editable, versions: Versions, data: Mapping[str, Any]) -> bool:
    """Change an incident or the proposal to it; return whether the change waits for a review now.

    `data["keep"]` is for a proposal only, `data["acknowledge"]` for an incident only. Raises what
    `update_incident` and `update_proposal` raise.
    """
    data = {**data, "language": editable.language}
    if editable.proposal is not None:
        update_proposal(actor, editable.proposal, versions, data)
        return True
    return update_incident(actor, editable.incident_id, versions, data).proposal is not None


def _open_proposals(incident_id: int) -> dict[str, Proposal]:
    is_open = Proposal.status == ProposalStatus.OPEN
    found = db.session.scalars(select(Proposal).where(Proposal.incident_id == incident_id, is_open))
    return {proposal.language: proposal for proposal in found}
