"""Decide what an actor may do and see, and whether a change is based on the current version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, false, or_, select, true

from kb.domain.incident import Status, Visibility
from kb.domain.permissions import (
    PERMISSIONS,
    TEAM_ROLES,
    Action,
    Actor,
    Role,
    belongs_to,
    has_role_for,
    may_in,
    role_in,
    teams_of,
)
from kb.domain.workflow import REQUIRED_ACTION, Step, action_by_status, steps_from
from kb.errors import (
    Conflict,
    Forbidden,
    NotAuthenticated,
    PreconditionMissing,
    StaleVersion,
)
from kb.messages import Message, word
from kb.models import Change, Incident, ReviewEvent, db
from kb.models.prepared_select import PreparedSelect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement

_PUBLISHED = PreparedSelect(
    lambda values: select(exists().where(ReviewEvent.incident_id == values[0], ReviewEvent.step == values[1]))
)
_PUBLIC = PreparedSelect(
    lambda values: select(exists().where(Change.incident_id == values[0], Change.public))
)

Versions = frozenset[int]
"""The versions that a change may be based on; ANY_VERSION means whichever is current."""

ANY_VERSION = 0

ANY: Versions = frozenset({ANY_VERSION})
"""For a change that may be based on any version."""


def require(actor: Actor, action: Action) -> None:
    """Raise NotAuthenticated or Forbidden unless the actor may perform an action in at least one team."""
    if has_role_for(actor, action):
        return
    rule = PERMISSIONS[action]
    if actor.role <= Role.ANONYMOUS and not actor.roles:
        raise NotAuthenticated(Message("Send a token: Authorization: Bearer kb_..."))
    if rule.scope not in actor.scopes:
        raise Forbidden(
            Message("This token lacks the scope {scope}. Create one that has it.", scope=rule.scope)
        )
    if actor.highest_role is Role.SIGNED_IN and rule.role in TEAM_ROLES:
        raise Forbidden(
            Message(
                "This is for members of a team, and you belong to none yet. Whoever administers one "
                "can add you."
            )
        )
    raise Forbidden(
        Message(
            "This needs the role {role}; yours is {own}.",
            role=word(rule.role.key),
            own=word(actor.highest_role.key),
        )
    )


def require_in(actor: Actor, action: Action, team_id: int) -> None:
    """Raise NotAuthenticated or Forbidden unless the actor may perform an action in a team."""
    require(actor, action)
    if may_in(actor, action, team_id):
        return
    if not belongs_to(actor, team_id):
        raise Forbidden(Message("This belongs to another team."))
    required, role = PERMISSIONS[action].role, role_in(actor, team_id)
    raise Forbidden(
        Message(
            "This needs the role {role} in its team; yours is {own}.",
            role=word(required.key),
            own=word(role.key),
        )
    )


def required_action(incident: Incident, step: Step) -> Action:
    """The permission that a step needs. For an incident that was ever published, even if it is a draft again,
    it is WITHDRAW or REOPEN instead of DISCARD."""
    action = action_by_status(incident.status, step)
    if action is Action.DISCARD and was_ever_published(incident):
        return REQUIRED_ACTION[step]
    return action


def permitted_steps(actor: Actor, incident: Incident) -> list[Step]:
    """List the steps that an actor may take from an incident's status."""
    return [
        step
        for step in steps_from(incident.status)
        if may_in(actor, required_action(incident, step), incident.team_id)
    ]


def was_ever_published(incident: Incident) -> bool:
    """Whether an incident was ever published, to everyone or to its team, even if it is a draft again."""
    return was_ever_public(incident) or _holds(_PUBLISHED, [incident.id, Step.PUBLISH.value])


def was_ever_public(incident: Incident) -> bool:
    """Whether an incident was ever visible outside its team, according to the change feed."""
    return _holds(_PUBLIC, [incident.id])


def _holds(question: PreparedSelect, values: Sequence[int | str]) -> bool:
    ((answer,),) = question.rows_in(db.session.connection(), values)
    return bool(answer)


def require_not_duplicate(incident: Incident) -> None:
    """Raise Conflict if an incident was merged into another one as its duplicate."""
    if incident.duplicate_of_id is not None:
        raise Conflict(
            Message(
                "This incident was merged into another one as a duplicate. "
                "GET it and follow its Location header."
            )
        )


def require_versions(versions: Versions | None) -> Versions:
    """Return the versions that a change may be based on. Raises PreconditionMissing if there are none."""
    if versions is None:
        raise PreconditionMissing(Message("Send If-Match with the ETag of the version that you read."))
    return versions


def require_current_version(versions: Versions | None, current: int) -> None:
    """Raise PreconditionMissing or StaleVersion unless a change is based on the current version."""
    if not (accepted := require_versions(versions)) & {ANY_VERSION, current}:
        raise StaleVersion(stale_message(accepted, current))


def stale_message(versions: Versions, current: int) -> Message:
    """The message of a StaleVersion error. It distinguishes outdated versions from nonexistent ones."""
    if not versions:
        return Message(
            "If-Match names no version: the current version is {current}. Read it, and send its ETag.",
            current=current,
        )
    if min(versions) > current:
        return Message(
            "There is no version {version} yet: the current version is {current}. "
            "Read it, and send its ETag.",
            version=min(versions),
            current=current,
        )
    return Message("The current version is {current}. Read it again and repeat the change.", current=current)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The SQL condition for the incidents that an actor may see; `may_see` decides the same in Python."""
    if actor.sees_everything:
        return true()
    if not has_role_for(actor, Action.READ):
        return false()
    public = and_(Incident.status == Status.PUBLISHED, Incident.visibility == Visibility.ORGANIZATION)
    if teams := teams_of(actor):
        return or_(public, Incident.team_id.in_(teams))
    return public
