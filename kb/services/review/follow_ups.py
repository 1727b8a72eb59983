"""Follow-up actions: who does what by when, so that a failure does not recur."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select, tuple_
from sqlalchemy.orm import joinedload

from kb.domain.dates import iso
from kb.domain.follow_up import FollowUpOrder, FollowUpStatus
from kb.domain.permissions import Action, Actor, may_in
from kb.domain.text import name_key
from kb.errors import FieldError, InvalidInput, NotFound
from kb.messages import Message
from kb.models import FollowUp, Incident, Membership, Team, User, db
from kb.models.base import MAX_INTEGER, utc_now
from kb.services.accounts.teams import find_team_for
from kb.services.core import idempotency
from kb.services.core.authorization import (
    Versions,
    require,
    require_current_version,
    require_in,
    require_not_duplicate,
)
from kb.services.core.incident_lookup import find_in_team
from kb.services.core.unit_of_work import unit_of_work
from kb.services.infrastructure.pagination import Page, cursor_integer, decode_cursor, encode_cursor, id_page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select

ME = "me"
"""The caller, as an owner in a filter."""

_DUE = func.coalesce(FollowUp.due_on, date.max)
"""When an action is due. Actions without a date sort last."""


class FollowUpFilter(NamedTuple):
    """Which actions to list. `owner` is a name or ME, `team` is a key; no statuses means all of them."""

    owner: str | None = None
    team: str | None = None
    statuses: Sequence[FollowUpStatus] = ()
    overdue: bool = False


def list_actions(
    actor: Actor, filters: FollowUpFilter, *, order: FollowUpOrder, limit: int, cursor: str | None
) -> Page:
    """The actions of the actor's teams.

    An open action is overdue after its due date, by the calendar in the actor's time zone.
    """
    require(actor, Action.READ_TEAM)
    incident = joinedload(FollowUp.incident)
    options = (incident.joinedload(Incident.team), incident.selectinload(Incident.lessons))
    statement = select(FollowUp).join(Incident).options(*options)
    if filters.team is not None:
        team = find_team_for(actor, Action.READ_TEAM, filters.team)
        statement = statement.where(Incident.team_id == team.id)
    elif not actor.sees_everything:
        teams = [team for team in actor.roles if may_in(actor, Action.READ_TEAM, team)]
        statement = statement.where(Incident.team_id.in_(teams))
    if filters.owner is not None:
        statement = statement.where(_owned_by(actor, filters.owner))
    if filters.statuses:
        statement = statement.where(FollowUp.status.in_(filters.statuses))
    today = _today(actor)
    if filters.overdue:
        statement = statement.where(FollowUp.status == FollowUpStatus.OPEN, FollowUp.due_on < today)
    return _page(statement, today, order=order, limit=limit, cursor=cursor)


def list_incident_actions(
    actor: Actor, incident_id: int, *, order: FollowUpOrder, limit: int, cursor: str | None
) -> Page:
    """The actions of one incident, for its team. Raises NotFound or Forbidden."""
    find_in_team(actor, Action.READ_TEAM, incident_id)
    statement = select(FollowUp).where(FollowUp.incident_id == incident_id)
    return _page(statement, _today(actor), order=order, limit=limit, cursor=cursor)


def get_action(actor: Actor, action_id: int) -> dict[str, Any]:
    """One action. Raises NotFound, also for an action of another team."""
    return _present(_find(actor, Action.READ_TEAM, action_id), _today(actor))


def add_action(actor: Actor, incident_id: int, data: Mapping[str, Any]) -> dict[str, Any]:
    """Add an action to an incident of the actor's team; `title` is required."""
    require(actor, Action.FOLLOW_UP)
    with unit_of_work() as work:
        incident = find_in_team(actor, Action.FOLLOW_UP, incident_id, for_update=True)
        require_not_duplicate(incident)
        row = FollowUp(
            incident=incident,
            status=FollowUpStatus.OPEN,
            author=actor.name,
            created_at=work.at,
            updated_at=work.at,
        )
        _fill(row, incident, data, work.at)
        db.session.add(row)
        db.session.flush()
        return idempotency.store_answer(_present(row, _today(actor)), incident_id=incident.id, internal=True)


def update_action(
    actor: Actor, action_id: int, versions: Versions | None, data: Mapping[str, Any]
) -> dict[str, Any]:
    """Change the fields of an action that `data` has.

    Raises NotFound, Forbidden, PreconditionMissing, StaleVersion or InvalidInput.
    """
    require(actor, Action.FOLLOW_UP)
    with unit_of_work() as work:
        row = _find(actor, Action.FOLLOW_UP, action_id, for_update=True)
        require_current_version(versions, row.version)
        _fill(row, row.incident, data, work.at)
        if db.session.is_modified(row):
            row.updated_at = work.at
        db.session.flush()
        return _present(row, _today(actor))


def _page(
    statement: Select[Any], today: date, *, order: FollowUpOrder, limit: int, cursor: str | None
) -> Page:
    if order is FollowUpOrder.NEWEST:
        return id_page(statement, FollowUp.id, lambda row: _present(row, today), limit=limit, cursor=cursor)
    if cursor is not None:
        due_on, last = decode_cursor(cursor, date.fromisoformat, cursor_integer)
        statement = statement.where(tuple_(_DUE, FollowUp.id) > tuple_(due_on, last))
    rows = list(db.session.scalars(statement.order_by(_DUE, FollowUp.id).limit(limit + 1)))
    next_cursor = None
    if len(rows) > limit:
        last_row = rows[limit - 1]
        next_cursor = encode_cursor([iso(last_row.due_on or date.max), last_row.id])
    return Page([_present(row, today) for row in rows[:limit]], next_cursor)


def _fill(row: FollowUp, incident: Incident, data: Mapping[str, Any], now: datetime) -> None:
    for name in ("title", "due_on"):
        if name in data:
            setattr(row, name, data[name])
    if "owner" in data:
        row.owner, row.owner_id = find_owner(incident, data["owner"])
    if "lesson" in data:
        if data["lesson"] is not None and data["lesson"] not in {lesson.id for lesson in incident.lessons}:
            raise InvalidInput([FieldError("/lesson", Message("This incident has no such lesson."))])
        row.lesson_id = data["lesson"]
    if "status" in data:
        row.status = FollowUpStatus(data["status"])
    done = row.status is FollowUpStatus.DONE
    if data.get("completed_at") is not None:
        if not done:
            detail = Message("Only an action that is done has a completion time.")
            raise InvalidInput([FieldError("/completed_at", detail)])
        row.completed_at = data["completed_at"]
    elif done != (row.completed_at is not None):
        row.completed_at = now if done else None


def find_owner(incident: Incident, name: str | None) -> tuple[str | None, int | None]:
    """The name and user id of a team member, by name or email address; for anyone else, the name alone."""
    if name is None:
        return None, None
    statement = (
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.team_id == incident.team_id,
            or_(User.name_key == name_key(name), User.email == name.lower()),
        )
    )
    user = db.session.scalar(statement)
    return (name, None) if user is None else (user.name, user.id)


def _owned_by(actor: Actor, owner: str) -> ColumnElement[bool]:
    if owner == ME and actor.user_id is not None:
        return FollowUp.owner_id == actor.user_id
    name = actor.name if owner == ME else owner
    # Users are found by their current name, other owners by the name that was entered, in any spelling.
    user_id = select(User.id).where(User.name_key == name_key(name)).scalar_subquery()
    others = db.session.scalars(select(FollowUp.owner).where(FollowUp.owner_id.is_(None)).distinct())
    spellings = [other for other in others if other is not None and name_key(other) == name_key(name)]
    return or_(FollowUp.owner_id == user_id, and_(FollowUp.owner_id.is_(None), FollowUp.owner.in_(spellings)))


def _find(actor: Actor, action: Action, action_id: int, *, for_update: bool = False) -> FollowUp:
    require(actor, action)
    statement = select(FollowUp).where(FollowUp.id == min(action_id, MAX_INTEGER))
    row = db.session.scalar(statement.with_for_update(of=FollowUp) if for_update else statement)
    if row is None or not may_in(actor, Action.READ_TEAM, row.incident.team_id):
        raise NotFound(Message("There is no action {action_id}.", action_id=action_id))
    require_in(actor, action, row.incident.team_id)
    return row


def _lesson(row: FollowUp) -> int | None:
    """The action's lesson, unless it has been removed from the incident since."""
    lesson_ids = {lesson.id for lesson in row.incident.lessons}
    return row.lesson_id if row.lesson_id in lesson_ids else None


def _today(actor: Actor) -> date:
    return utc_now().astimezone(ZoneInfo(actor.time_zone)).date()


def _present(row: FollowUp, today: date) -> dict[str, Any]:
    overdue = row.status is FollowUpStatus.OPEN and row.due_on is not None and row.due_on < today
    return {
        "id": row.id,
        "incident": row.incident_id,
        "lesson": _lesson(row),
        "team": db.session.get_one(Team, row.incident.team_id).key,
        "title": row.title,
        "owner": row.person.name if row.person else row.owner,
        "due_on": iso(row.due_on),
        "status": row.status,
        "overdue": overdue,
        "days_overdue": (today - row.due_on).days if overdue and row.due_on else 0,
        "author": row.author,
        "created_at": iso(row.created_at),
        "updated_at": iso(row.updated_at),
        "completed_at": iso(row.completed_at),
        "version": row.version,
    }
