"""What an actor may do and see, and which version of an incident a change is based on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, false, or_, select, true

from kb.domain.incident import Status, Visibility
from kb.domain.permissions import (
    PERMISSIONS,
    Action,
    Actor,
    Role,
    belongs_to,
    has_role_for,
    may_in,
    role_in,
    teams_of,
)
from kb.domain.workflow import Step, required_action_for
from kb.errors import (
    Conflict,
    Forbidden,
    NotAuthenticated,
    PreconditionMissing,
    StaleVersion,
)
from kb.models import Change, Incident, ReviewEvent, db

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

Versions = frozenset[int]
"""The versions that a change may be based on; with ANY_VERSION, whatever is current."""

ANY_VERSION = 0


def require(actor: Actor, action: Action) -> None:
    """Raise NotAuthenticated or Forbidden unless the actor may do this, somewhere."""
    if has_role_for(actor, action):
        return
    rule = PERMISSIONS[action]
    if actor.role <= Role.ANONYMOUS and not actor.roles:
        raise NotAuthenticated("Send a token: Authorization: Bearer kb_...")
    if rule.scope not in actor.scopes:
        raise Forbidden(f"This token lacks the scope {rule.scope}. Make one that has it.")
    raise Forbidden(f"This needs the role {rule.role.key}; yours is {actor.highest_role.key}.")


def require_in(actor: Actor, action: Action, team_id: int) -> None:
    """Raise NotAuthenticated or Forbidden unless the actor may do this to something of this team."""
    require(actor, action)
    if may_in(actor, action, team_id):
        return
    if not belongs_to(actor, team_id):
        raise Forbidden("This belongs to another team.")
    needed, role = PERMISSIONS[action].role, role_in(actor, team_id)
    raise Forbidden(f"This needs the role {needed.key} in its team; yours is {role.key}.")


def required_action(incident: Incident, step: Step) -> Action:
    """What one must be allowed to do for a step. What has ever been published is not discarded, also where
    it is a draft again, but withdrawn."""
    needed = required_action_for(incident.status, step)
    if needed is not Action.DISCARD:
        return needed
    published = select(ReviewEvent.id).where(
        ReviewEvent.incident_id == incident.id, ReviewEvent.step == Step.PUBLISH
    )
    with db.session.no_autoflush:
        ever = was_ever_public(incident) or db.session.scalar(published.limit(1)) is not None
    return Action.WITHDRAW if ever else needed


def was_ever_public(incident: Incident) -> bool:
    """Whether others than its team could see an incident at some time, as the change feed has told them."""
    told = select(Change.seq).where(Change.incident_id == incident.id, Change.public).limit(1)
    return db.session.scalar(told) is not None


def require_no_duplicate(incident: Incident) -> None:
    """Raise Conflict for what has become a duplicate of another incident."""
    if incident.duplicate_of_id is not None:
        raise Conflict("It is a duplicate of another incident: turn to that one, where its address leads.")


def require_versions(versions: Versions | None) -> Versions:
    """The versions that a change may be based on. Raises PreconditionMissing where none was named."""
    if versions is None:
        raise PreconditionMissing("Send If-Match with the ETag of the version that you have read.")
    return versions


def require_version(versions: Versions | None, current: int) -> None:
    """Raise PreconditionMissing or StaleVersion unless a change is based on what is current."""
    if not require_versions(versions) & {ANY_VERSION, current}:
        raise StaleVersion(f"It is at version {current} by now. Read it again and repeat the change.")


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The SQL condition for `may_see`."""
    if actor.sees_everything:
        return true()
    if not has_role_for(actor, Action.READ):
        return false()
    public = and_(Incident.status == Status.PUBLISHED, Incident.visibility == Visibility.ORGANIZATION)
    if teams := teams_of(actor):
        return or_(public, Incident.team_id.in_(teams))
    return public
