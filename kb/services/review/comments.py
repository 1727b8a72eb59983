"""Comments on an incident, by anyone who may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.domain.dates import iso
from kb.domain.permissions import Action, Actor, belongs_to, is_public
from kb.domain.proposal import ProposalStatus
from kb.errors import FieldError, InvalidInput, NotFound
from kb.messages import Message, word
from kb.models import Comment, Incident, Proposal, db
from kb.models.base import MAX_INTEGER
from kb.services.core import idempotency
from kb.services.core.authorization import (
    Versions,
    require,
    require_current_version,
    require_in,
    require_not_duplicate,
)
from kb.services.core.incident_lookup import find_incident
from kb.services.core.unit_of_work import unit_of_work
from kb.services.infrastructure.pagination import Page, id_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Select


def list_comments(
    actor: Actor,
    incident_id: int,
    *,
    resolved: bool | None,
    proposal_id: int | None,
    limit: int,
    cursor: str | None,
) -> Page:
    """List the comments on an incident and its proposals, or on one of these, latest first.

    Other teams do not get the internal ones.
    """
    incident = find_incident(actor, incident_id)
    statement = _visible(actor, incident)
    if resolved is not None:
        statement = statement.where(
            Comment.resolved_at.is_not(None) if resolved else Comment.resolved_at.is_(None)
        )
    if proposal_id is not None:
        statement = statement.where(Comment.proposal_id == min(proposal_id, MAX_INTEGER))
    return id_page(statement, Comment.id, _present, limit=limit, cursor=cursor)


def get_comment(actor: Actor, incident_id: int, comment_id: int) -> dict[str, Any]:
    """One comment. Raises NotFound, also for an internal comment on another team's incident."""
    return _present(_find(actor, find_incident(actor, incident_id), comment_id))


def add_comment(actor: Actor, incident_id: int, data: Mapping[str, Any]) -> dict[str, Any]:
    """Comment on an incident or one of its proposals, or on a field of it (`about`).

    A comment on an incident that is not public is internal, and stays internal after publication.
    """
    require(actor, Action.COMMENT)
    with unit_of_work() as work:
        incident = find_incident(actor, incident_id, for_update=True)
        require_not_duplicate(incident)
        proposal_id = data.get("proposal")
        if proposal_id is not None:
            _require_open_proposal(actor, incident, proposal_id)
        internal = data.get("internal", False)
        if internal and not belongs_to(actor, incident.team_id):
            detail = Message("Only members of the incident's team can add internal comments.")
            raise InvalidInput([FieldError("/internal", detail)], detail)
        comment = Comment(
            incident_id=incident.id,
            proposal_id=proposal_id,
            about=data.get("about"),
            text=data["text"],
            internal=internal
            or proposal_id is not None
            or not is_public(incident.status, incident.visibility),
            author=actor.name,
            principal=actor.principal,
            created_at=work.at,
        )
        db.session.add(comment)
        db.session.flush()
        return idempotency.store_answer(_present(comment), incident_id=incident.id, internal=comment.internal)


def resolve_comment(
    actor: Actor, incident_id: int, comment_id: int, versions: Versions | None, *, resolved: bool
) -> dict[str, Any]:
    """Resolve or reopen a comment, as its author or as anyone who may edit the incident."""
    require(actor, Action.COMMENT)
    with unit_of_work() as work:
        incident = find_incident(actor, incident_id, for_update=True)
        comment = _find(actor, incident, comment_id, for_update=True)
        if comment.principal != actor.principal:
            require_in(actor, Action.RESOLVE, incident.team_id)
        require_current_version(versions, comment.version)
        if resolved != (comment.resolved_at is not None):
            comment.resolved_at = work.at if resolved else None
            comment.resolved_by = actor.name if resolved else None
            db.session.flush()
        return _present(comment)


def _visible(actor: Actor, incident: Incident) -> Select[Comment]:
    statement = select(Comment).where(Comment.incident_id == incident.id)
    if not belongs_to(actor, incident.team_id):
        statement = statement.where(Comment.internal.is_(False))
    return statement


def _require_open_proposal(actor: Actor, incident: Incident, proposal_id: int) -> None:
    """Raise InvalidInput unless it is an open proposal to the incident that the actor may see."""
    proposal = db.session.get(Proposal, min(proposal_id, MAX_INTEGER))
    is_visible = belongs_to(actor, incident.team_id)
    if not is_visible or proposal is None or proposal.incident_id != incident.id:
        raise InvalidInput(
            [
                FieldError(
                    "/proposal",
                    Message("This incident has no proposal {proposal_id}.", proposal_id=proposal_id),
                )
            ]
        )
    if proposal.status is not ProposalStatus.OPEN:
        detail = Message(
            "Proposal {proposal_id} was {status} already.",
            proposal_id=proposal_id,
            status=word(proposal.status),
        )
        raise InvalidInput([FieldError("/proposal", detail)])


def _find(actor: Actor, incident: Incident, comment_id: int, *, for_update: bool = False) -> Comment:
    statement = _visible(actor, incident).where(Comment.id == min(comment_id, MAX_INTEGER))
    comment = db.session.scalar(statement.with_for_update() if for_update else statement)
    if comment is None:
        raise NotFound(
            Message("Incident {id} has no comment {comment_id}.", id=incident.id, comment_id=comment_id)
        )
    return comment


def _present(row: Comment) -> dict[str, Any]:
    return {
        "id": row.id,
        "incident": row.incident_id,
        "about": row.about,
        "proposal": row.proposal_id,
        "text": row.text,
        "internal": row.internal,
        "author": row.author,
        "created_at": iso(row.created_at),
        "resolved": row.resolved_at is not None,
        "resolved_at": iso(row.resolved_at),
        "resolved_by": row.resolved_by,
        "version": row.version,
    }
