"""Read and edit proposals: changes to published incidents that await a review, for their teams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select, true
from sqlalchemy.orm import joinedload

from kb.domain.incident import TEXT_FIELDS
from kb.domain.permissions import Action, Actor, may_in
from kb.domain.proposal import ProposalStatus
from kb.errors import Conflict, NotFound
from kb.messages import Message, word
from kb.models import Incident, Proposal, db
from kb.models.base import MAX_INTEGER
from kb.services.accounts.teams import find_team_for
from kb.services.core.authorization import Versions, require, require_current_version, require_in
from kb.services.core.incident_lookup import find_in_team, load_incident
from kb.services.core.unit_of_work import unit_of_work
from kb.services.incidents.changes.edit import write_changes
from kb.services.incidents.changes.proposal_presenter import proposal_detail, proposal_summary
from kb.services.incidents.changes.proposing import revise
from kb.services.incidents.content.guard_checks import with_checked_guards
from kb.services.infrastructure.pagination import Page, id_page
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement


class ProposalFilter(NamedTuple):
    """Which proposals to list. `team` is a key; no statuses means all of them."""

    team: str | None = None
    statuses: Sequence[ProposalStatus] = ()


def list_proposals(actor: Actor, filters: ProposalFilter, *, limit: int, cursor: str | None) -> Page:
    """List the proposals to incidents of the actor's teams, latest first. Raises NotFound for other teams."""
    require(actor, Action.READ_HISTORY)
    statement = (
        select(Proposal).join(Incident).options(joinedload(Proposal.incident).selectinload(Incident.texts))
    )
    if filters.team is not None:
        team = find_team_for(actor, Action.READ_HISTORY, filters.team)
        statement = statement.where(Incident.team_id == team.id)
    else:
        statement = statement.where(in_own_teams(actor))
    if filters.statuses:
        statement = statement.where(Proposal.status.in_(filters.statuses))
    return id_page(statement, Proposal.id, proposal_summary, limit=limit, cursor=cursor)


def in_own_teams(actor: Actor) -> ColumnElement[bool]:
    """The condition that an incident belongs to a team whose proposals and reviews the actor may read."""
    if actor.sees_everything:
        return true()
    teams = [team for team in actor.roles if may_in(actor, Action.READ_HISTORY, team)]
    return Incident.team_id.in_(teams)


def list_incident_proposals(actor: Actor, incident_id: int, *, limit: int, cursor: str | None) -> Page:
    """List the proposals to one incident, latest first, for its team. Raises NotFound or Forbidden."""
    find_in_team(actor, Action.READ_HISTORY, incident_id)
    statement = select(Proposal).where(Proposal.incident_id == incident_id)
    return id_page(statement, Proposal.id, proposal_summary, limit=limit, cursor=cursor)


def list_open_proposals(actor: Actor, incident_id: int) -> list[dict[str, Any]]:
    """The open proposals to one incident, one per language at most, for its team.

    Raises NotFound or Forbidden.
    """
    find_in_team(actor, Action.READ_HISTORY, incident_id)
    is_open = Proposal.status == ProposalStatus.OPEN
    statement = select(Proposal).where(Proposal.incident_id == incident_id, is_open).order_by(Proposal.id)
    return [proposal_summary(proposal) for proposal in db.session.scalars(statement)]


def get_proposal(
    actor: Actor, proposal_id: int, languages: Sequence[str], *, version: int | None
) -> dict[str, Any]:
    """Return a proposal in one of its versions, by default the latest.

    Raises NotFound, also for a proposal of another team.
    """
    proposal = find_proposal(actor, Action.READ_HISTORY, proposal_id)
    if version is not None and not 1 <= version <= len(proposal.revisions):
        raise NotFound(
            Message(
                "Proposal {proposal_id} has no version {version}.", proposal_id=proposal_id, version=version
            )
        )
    return proposal_detail(actor, proposal, languages or [proposal.language], version)


def update_proposal(
    actor: Actor, proposal_id: int, versions: Versions | None, data: Mapping[str, Any]
) -> dict[str, Any]:
    """Change the proposed state of the incident: the fields that `data` has.

    Its texts are in `data["language"]`, or else in the language that is proposed. A change voids earlier
    approvals. `data["keep"]` holds the JSON pointers of conflicts to resolve in favor of the proposal. Raises
    NotFound, Forbidden, PreconditionMissing, StaleVersion, InvalidInput, or Conflict for a closed proposal or
    an unresolved conflict.
    """
    require(actor, Action.EDIT)
    data, terms = with_checked_guards(data), TermLookup()
    with unit_of_work() as work:
        proposal = find_proposal(actor, Action.EDIT, proposal_id, for_update=True)
        require_current_version(versions, proposal.version)
        require_open(proposal)
        data = {"language": proposal.language, **data}
        revise(
            work,
            actor,
            proposal,
            lambda target: write_changes(target, data, terms),
            resolves=[*_pointers(proposal.incident, data), *data.get("keep", ())],
            comment=data.get("comment"),
        )
        return proposal_detail(actor, proposal, [data["language"]])


def find_proposal(actor: Actor, action: Action, proposal_id: int, *, for_update: bool = False) -> Proposal:
    """Return a proposal to an incident of a team in which the actor may perform the action.

    With `for_update`, nobody else changes it or its incident before the transaction ends: every write to a
    proposal locks its incident. Raises NotFound, also for a proposal of another team, or Forbidden.
    """
    require(actor, action)
    this_proposal = Proposal.id == min(proposal_id, MAX_INTEGER)
    if for_update:
        # The incident first, as in every write to it: locks in different orders would deadlock.
        incident_id = db.session.scalar(select(Proposal.incident_id).where(this_proposal))
        if incident_id is not None:
            load_incident(incident_id, for_update=True)
    proposal = db.session.scalar(select(Proposal).where(this_proposal))
    if proposal is None or not may_in(actor, Action.READ_HISTORY, proposal.incident.team_id):
        raise NotFound(Message("There is no proposal {proposal_id}.", proposal_id=proposal_id))
    require_in(actor, action, proposal.incident.team_id)
    return proposal


def require_open(proposal: Proposal) -> None:
    """Raise Conflict for a proposal that was published or discarded."""
    if proposal.status is not ProposalStatus.OPEN:
        raise Conflict(
            Message("Proposal {id} was {status} already.", id=proposal.id, status=word(proposal.status))
        )


def _pointers(incident: Incident, data: Mapping[str, Any]) -> list[str]:
    """The JSON pointers of an input's fields in a snapshot of the incident."""
    language = data["language"]
    texts = "" if language == incident.language else f"/translations/{language}"
    return [f"{texts if name in (*TEXT_FIELDS, 'lessons') else ''}/{name}" for name in data]
