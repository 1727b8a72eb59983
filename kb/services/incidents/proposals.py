"""Reading and editing proposals: changes to published incidents that wait for a review, for their teams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from kb.domain.dates import iso
from kb.domain.incident import TEXT_FIELDS
from kb.domain.permissions import Action, Actor, may_in
from kb.domain.proposal import PROPOSAL_ACTIONS, ProposalStatus
from kb.errors import Conflict, NotFound
from kb.models import Incident, Proposal, db
from kb.models.base import MAX_INTEGER
from kb.services.accounts.teams import find_team_for
from kb.services.core import idempotency
from kb.services.core.authorization import Versions, require, require_current_version, require_in
from kb.services.core.incident_lookup import find_in_team, load_incident
from kb.services.core.presenters import detail, snapshot
from kb.services.core.unit_of_work import unit_of_work
from kb.services.core.write_result import WriteResult
from kb.services.incidents.edit import write_changes
from kb.services.incidents.history import field_diffs, find_revision
from kb.services.incidents.proposing import proposed_state, revise
from kb.services.incidents.states import detached_copy
from kb.services.infrastructure.pagination import Page, id_page
from kb.services.review.concerns import comment_concerns, describe, text_concerns
from kb.services.review.obstacles import OBSTACLE_TEXTS, count_open_comments, proposal_obstacles
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class ProposalFilter(NamedTuple):
    """Which proposals to list. `team` is a key; no statuses means all of them."""

    team: str | None = None
    statuses: Sequence[ProposalStatus] = ()


def list_proposals(actor: Actor, filters: ProposalFilter, *, limit: int, cursor: str | None) -> Page:
    """The proposals to incidents of the actor's teams, the latest first. Raises NotFound for another team."""
    require(actor, Action.READ_HISTORY)
    statement = (
        select(Proposal).join(Incident).options(joinedload(Proposal.incident).selectinload(Incident.texts))
    )
    if filters.team is not None:
        team = find_team_for(actor, Action.READ_HISTORY, filters.team)
        statement = statement.where(Incident.team_id == team.id)
    elif not actor.sees_everything:
        teams = [team for team in actor.roles if may_in(actor, Action.READ_HISTORY, team)]
        statement = statement.where(Incident.team_id.in_(teams))
    if filters.statuses:
        statement = statement.where(Proposal.status.in_(filters.statuses))
    return id_page(statement, Proposal.id, _summary, limit=limit, cursor=cursor)


def list_incident_proposals(actor: Actor, incident_id: int, *, limit: int, cursor: str | None) -> Page:
    """The proposals to one incident, the latest first, for its team. Raises NotFound or Forbidden."""
    find_in_team(actor, Action.READ_HISTORY, incident_id)
    statement = select(Proposal).where(Proposal.incident_id == incident_id)
    return id_page(statement, Proposal.id, _summary, limit=limit, cursor=cursor)


def get_proposal(
    actor: Actor, proposal_id: int, languages: Sequence[str], *, version: int | None = None
) -> dict[str, Any]:
    """One proposal in one of its versions, by default the latest.

    Raises NotFound, also for a proposal of another team.
    """
    proposal = find_proposal(actor, Action.READ_HISTORY, proposal_id)
    if version is not None and not 1 <= version <= len(proposal.revisions):
        raise NotFound(f"Proposal {proposal_id} has no version {version}.")
    return present(actor, proposal, languages or [proposal.language], version)


def update_proposal(
    actor: Actor, proposal_id: int, versions: Versions | None, data: Mapping[str, Any]
) -> dict[str, Any]:
    """Change the fields that `data` has in what a proposal would make of its incident.

    Its texts are in `data["language"]`, or else in the language that is proposed. A change voids earlier
    approvals. Raises NotFound, Forbidden, PreconditionMissing, StaleVersion, InvalidInput, or Conflict for a
    closed proposal or an unresolved conflict.
    """
    require(actor, Action.EDIT)
    with unit_of_work() as work:
        proposal = find_proposal(actor, Action.EDIT, proposal_id, for_update=True)
        require_current_version(versions, proposal.version)
        require_open(proposal)
        data = {"language": proposal.language, **data}
        terms = TermLookup()
        revise(
            work,
            actor,
            proposal,
            lambda target: write_changes(target, data, terms),
            resolves=_pointers(proposal.incident, data),
            comment=data.get("comment"),
        )
        return present(actor, proposal, [data["language"]])


def find_proposal(actor: Actor, action: Action, proposal_id: int, *, for_update: bool = False) -> Proposal:
    """A proposal to an incident of a team in which the actor may do this.

    With `for_update`, nobody else changes it or its incident before the transaction ends. Raises NotFound,
    also for a proposal of another team, or Forbidden.
    """
    require(actor, action)
    proposal = db.session.get(Proposal, min(proposal_id, MAX_INTEGER))
    if proposal is None or not may_in(actor, Action.READ_HISTORY, proposal.incident.team_id):
        raise NotFound(f"There is no proposal {proposal_id}.")
    require_in(actor, action, proposal.incident.team_id)
    if for_update:
        # The incident first, as in every write to it: locks in different orders would deadlock.
        load_incident(proposal.incident_id, for_update=True)
        db.session.refresh(proposal, with_for_update=True)
    return proposal


def require_open(proposal: Proposal) -> None:
    """Raise Conflict for a proposal that was published or discarded."""
    if proposal.status is not ProposalStatus.OPEN:
        raise Conflict(f"Proposal {proposal.id} was {proposal.status} already.")


def change_answer(
    actor: Actor, incident: Incident, proposal: Proposal | None, languages: Sequence[str] = ()
) -> WriteResult:
    """The answer to a change: the incident as it is now, or the proposal that the change became.

    Stores it for a request with an idempotency key.
    """
    body = detail(incident, languages)
    if proposal is None:
        return WriteResult(
            idempotency.store_answer(body, incident_id=incident.id), created=False, searchable=None
        )
    proposed = present(actor, proposal, [proposal.language, *languages])
    idempotency.store_answer(proposed, incident_id=incident.id, internal=True)
    return WriteResult(body, created=False, searchable=None, proposal=proposed)


def present(
    actor: Actor, proposal: Proposal, languages: Sequence[str], version: int | None = None
) -> dict[str, Any]:
    """A proposal in JSON form: its incident with the change in one of the languages, the differences in all,
    and what stands between it and publication."""
    incident = proposal.incident
    state, conflicts = proposed_state(proposal, version)
    is_open = proposal.status is ProposalStatus.OPEN
    base_version = proposal.revisions[-1 if version is None else version - 1].base_version
    before = snapshot(incident) if is_open else find_revision(incident.id, base_version).snapshot
    reasons = [*comment_concerns(incident, proposal), *text_concerns(state, before)] if is_open else []
    return {
        **_summary(proposal),
        "version": version or proposal.version,
        "base_version": base_version,
        "incident_version": incident.version,
        "content": detail(detached_copy(incident, state), languages),
        "changes": field_diffs(before, state),
        "conflicts": [
            {"pointer": pointer, "detail": "Changed in the published incident, too: send it again."}
            for pointer in conflicts
        ],
        "obstacles": [
            {"key": obstacle, "detail": OBSTACLE_TEXTS[obstacle]["en"]}
            for obstacle in (proposal_obstacles(actor, proposal) if is_open else [])
        ],
        "concerns": [
            {"key": reason.concern, "pointer": reason.pointer, "detail": describe(reason)}
            for reason in reasons
        ],
        "open_comments": count_open_comments(incident, proposal),
        "steps": [
            step
            for step, action in PROPOSAL_ACTIONS.items()
            if is_open and may_in(actor, action, incident.team_id)
        ],
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


def _pointers(incident: Incident, data: Mapping[str, Any]) -> list[str]:
    """The JSON pointers of an input's fields in a snapshot of the incident."""
    language = data["language"]
    texts = "" if language == incident.language else f"/translations/{language}"
    return [f"{texts if name in (*TEXT_FIELDS, 'lessons') else ''}/{name}" for name in data]


def _summary(proposal: Proposal) -> dict[str, Any]:
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
