"""Access to receipts of checks: for the author, members of the team, and site administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select, true

from kb.domain.permissions import Action, Actor, may_in, teams_of
from kb.errors import NotFound
from kb.messages import Message
from kb.models import Check, db
from kb.models.base import MAX_INTEGER
from kb.services.core.authorization import require

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


def find_check(actor: Actor, check_id: int, *, for_update: bool = False) -> Check:
    """Return a check that the actor may see. Raises NotFound, also for one that exists but is hidden.

    With `for_update`, the row is locked until the transaction ends, so nobody else can answer it.
    """
    require(actor, Action.READ_CHECKS)
    statement = select(Check).where(Check.id == min(check_id, MAX_INTEGER))
    check = db.session.scalar(statement.with_for_update(of=Check) if for_update else statement)
    if check is None or not may_see_check(actor, check):
        raise NotFound(Message("There is no check {check_id}.", check_id=check_id))
    return check


def may_see_check(actor: Actor, check: Check) -> bool:
    """Whether the actor may see a check; `checks_visible_to` decides the same in SQL."""
    if actor.sees_everything or check.principal == actor.principal:
        return True
    return check.team_id is not None and may_in(actor, Action.READ_TEAM, check.team_id)


def checks_visible_to(actor: Actor) -> ColumnElement[bool]:
    """The SQL condition for the checks that an actor may see."""
    if actor.sees_everything:
        return true()
    own = Check.principal == actor.principal
    teams = [team for team in teams_of(actor) if may_in(actor, Action.READ_TEAM, team)]
    return or_(own, Check.team_id.in_(teams)) if teams else own
