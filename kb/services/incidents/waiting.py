"""Items that wait for a review: submitted incidents, and changes proposed to published ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from kb.domain.dates import iso
from kb.domain.incident import Status
from kb.domain.language import choose_language
from kb.domain.permissions import Action, Actor, may_in
from kb.domain.proposal import ProposalStatus
from kb.domain.publication import Obstacle
from kb.domain.workflow import Step
from kb.models import Incident, Proposal, ReviewEvent, db
from kb.services.core.authorization import require
from kb.services.incidents.changes.proposals import in_own_teams
from kb.services.review.four_eyes import is_author, proposal_authors, unapproved_authors
from kb.services.review.obstacles import incident_obstacles, proposal_obstacles

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, ScalarSelect

MAX_WAITING = 50
"""Maximum number of items listed, those that have waited longest."""


class WaitingList(NamedTuple):
    """The items that have waited longest, in that order; `are_all` unless there are more."""

    items: list[dict[str, Any]]
    are_all: bool


def list_waiting(actor: Actor, languages: Sequence[str]) -> WaitingList:
    """List what waits for a review in the actor's teams, the newest last.

    Of each, `is_own` says whether the actor wrote some of it, and `may_decide` whether the actor's role and
    the four-eyes rule let the actor publish it. Titles are in the first available of `languages`, else in
    the original language.
    """
    require(actor, Action.READ_HISTORY)
    found = [*_incidents(actor, languages), *_proposals(actor, languages)]
    found.sort(key=lambda item: item[0])
    return WaitingList([item for _, item in found[:MAX_WAITING]], are_all=len(found) <= MAX_WAITING)


def list_returned(actor: Actor, languages: Sequence[str]) -> list[dict[str, Any]]:
    """List the drafts that a reviewer has handed back, the latest first, at most MAX_WAITING.

    Only drafts of teams in which the actor may change them. Each has the reviewer as its `author`, and the
    `comment`.
    """
    require(actor, Action.READ_HISTORY)
    statement = (
        select(Incident, ReviewEvent)
        .join(ReviewEvent, ReviewEvent.id == _last_event(ReviewEvent.step != Step.APPROVE))
        .where(Incident.status == Status.DRAFT, ReviewEvent.step == Step.REQUEST_CHANGES)
        .options(joinedload(Incident.team), selectinload(Incident.texts))
        .order_by(ReviewEvent.id.desc())
        .limit(MAX_WAITING)
    )
    if not actor.sees_everything:
        teams = [team for team in actor.roles if may_in(actor, Action.EDIT, team)]
        statement = statement.where(Incident.team_id.in_(teams))
    return [
        {
            **_common(incident, languages),
            "author": event.author,
            "at": iso(event.at),
            "comment": event.comment,
        }
        for incident, event in db.session.execute(statement)
    ]


def count_waiting(actor: Actor) -> int:
    """Return how many incidents and proposals wait for a review in the actor's teams."""
    require(actor, Action.READ_HISTORY)
    incidents = select(func.count()).where(Incident.status == Status.IN_REVIEW, in_own_teams(actor))
    proposals = (
        select(func.count())
        .select_from(Proposal)
        .join(Incident)
        .where(Proposal.status == ProposalStatus.OPEN, in_own_teams(actor))
    )
    both = select(incidents.scalar_subquery() + proposals.scalar_subquery())
    return db.session.scalar(both) or 0


def _incidents(actor: Actor, languages: Sequence[str]) -> list[tuple[datetime, dict[str, Any]]]:
    """The incidents in review, with the time at which each was submitted."""
    # One that was imported or filed in review has no step: it counts from its last change.
    last = _last_event(ReviewEvent.step == Step.SUBMIT)
    since = func.coalesce(ReviewEvent.at, Incident.updated_at)
    rows = db.session.execute(
        select(Incident, ReviewEvent)
        .outerjoin(ReviewEvent, ReviewEvent.id == last)
        .where(Incident.status == Status.IN_REVIEW, in_own_teams(actor))
        .options(joinedload(Incident.team), selectinload(Incident.texts))
        .order_by(since, Incident.id)
        .limit(MAX_WAITING + 1)
    )
    return [
        (
            incident.updated_at if event is None else event.at,
            {
                **_common(incident, languages),
                "proposal": None,
                "author": incident.author if event is None else event.author,
                "at": iso(incident.updated_at if event is None else event.at),
                "is_own": is_author(actor, unapproved_authors(incident)),
                "may_decide": may_in(actor, Action.PUBLISH, incident.team_id)
                and Obstacle.NOT_APPROVED not in incident_obstacles(actor, incident),
            },
        )
        for incident, event in rows
    ]


def _last_event(condition: ColumnElement[bool]) -> ScalarSelect[int]:
    """The id of the last step of an incident that meets a condition."""
    return (
        select(func.max(ReviewEvent.id))
        .where(ReviewEvent.incident_id == Incident.id, condition)
        .correlate(Incident)
        .scalar_subquery()
    )


def _proposals(actor: Actor, languages: Sequence[str]) -> list[tuple[datetime, dict[str, Any]]]:
    """The open proposals, with the time at which each was made."""
    statement = (
        select(Proposal)
        .join(Incident)
        .where(Proposal.status == ProposalStatus.OPEN, in_own_teams(actor))
        .options(
            joinedload(Proposal.incident).selectinload(Incident.texts),
            joinedload(Proposal.incident).joinedload(Incident.team),
            selectinload(Proposal.revisions),
        )
        .order_by(Proposal.created_at, Proposal.id)
        .limit(MAX_WAITING + 1)
    )
    return [
        (
            proposal.created_at,
            {
                **_common(proposal.incident, languages),
                "proposal": proposal.id,
                "author": proposal.author,
                "at": iso(proposal.created_at),
                "is_own": is_author(actor, proposal_authors(proposal)),
                "may_decide": may_in(actor, Action.PUBLISH, proposal.incident.team_id)
                and Obstacle.NOT_APPROVED not in proposal_obstacles(actor, proposal),
            },
        )
        for proposal in db.session.scalars(statement)
    ]


def _common(incident: Incident, languages: Sequence[str]) -> dict[str, Any]:
    language = choose_language(languages, incident.languages, incident.language)
    return {
        "incident": incident.id,
        "title": incident.texts[language].title,
        "language": language,
        "team": incident.team.name,
    }
