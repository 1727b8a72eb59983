"""Who may do what: one table, and the few functions that read it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from kb.domain.incident import Status, Visibility

if TYPE_CHECKING:
    from typing import Protocol

    class Guarded(Protocol):
        """What the rules need to know of an incident."""

        @property
        def team_id(self) -> int: ...
        @property
        def status(self) -> Status: ...
        @property
        def visibility(self) -> Visibility: ...


class Role(IntEnum):
    """What a caller is trusted with; each role includes those before it."""

    NOBODY = 0
    ANONYMOUS = 1
    READER = 2
    CONTRIBUTOR = 3
    REVIEWER = 4
    ADMIN = 5

    @property
    def key(self) -> str:
        """The role's name as people write it."""
        return self.name.lower()


GRANTABLE_ROLES = (Role.READER, Role.CONTRIBUTOR, Role.REVIEWER, Role.ADMIN)
"""The roles that a token can carry."""


class Action(StrEnum):
    """Everything that can be asked of the service."""

    READ = "read"
    CREATE = "create"
    EDIT = "edit"
    TRANSLATE = "translate"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"
    DISCARD = "discard"
    READ_HISTORY = "read_history"


PERMISSIONS: dict[Action, Role] = {
    Action.READ: Role.ANONYMOUS,
    Action.CREATE: Role.CONTRIBUTOR,
    Action.EDIT: Role.CONTRIBUTOR,
    Action.TRANSLATE: Role.CONTRIBUTOR,
    Action.PUBLISH: Role.REVIEWER,
    Action.WITHDRAW: Role.REVIEWER,
    Action.DISCARD: Role.CONTRIBUTOR,
    Action.READ_HISTORY: Role.READER,
}
"""The least role that an action needs. All but reading and creating also need the caller to belong to
the incident's team; an administrator belongs to every team. To discard is to withdraw a draft."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking. `team_id` is None for a caller of no team; `token_id` only where a token was used."""

    name: str
    role: Role
    team_id: int | None = None
    token_id: int | None = None

    @property
    def sees_everything(self) -> bool:
        return self.role is Role.ADMIN


def has_role_for(actor: Actor, action: Action) -> bool:
    """Whether the actor may do this at all, to some incident."""
    return actor.role >= PERMISSIONS[action]


def belongs_to(actor: Actor, team_id: int) -> bool:
    """Whether the actor acts for this team."""
    return actor.sees_everything or (actor.role >= Role.READER and actor.team_id == team_id)


def is_public(status: Status, visibility: Visibility) -> bool:
    """Whether everybody who may read at all may read such an incident."""
    return status == Status.PUBLISHED and visibility == Visibility.ORGANIZATION


def may_see(actor: Actor, incident: Guarded) -> bool:
    """Whether the incident exists, as far as this actor is concerned."""
    if actor.role < PERMISSIONS[Action.READ]:
        return False
    return is_public(incident.status, incident.visibility) or belongs_to(actor, incident.team_id)


def may_change(actor: Actor, action: Action, incident: Guarded) -> bool:
    """Whether the actor may do this to this incident."""
    return has_role_for(actor, action) and belongs_to(actor, incident.team_id)


PUBLIC_AUDIENCE = "public"


def audiences_of(team_id: int, status: Status, visibility: Visibility) -> tuple[str, ...]:
    """The groups that may see an incident; an index stores them, and a search is masked by them."""
    team = f"team:{team_id}"
    return (PUBLIC_AUDIENCE, team) if is_public(status, visibility) else (team,)


def audiences_for(actor: Actor) -> frozenset[str] | None:
    """The groups that an actor belongs to; None for an actor who sees everything."""
    if actor.sees_everything:
        return None
    if actor.role < PERMISSIONS[Action.READ]:
        return frozenset()
    groups = {PUBLIC_AUDIENCE}
    if actor.role >= Role.READER and actor.team_id is not None:
        groups.add(f"team:{actor.team_id}")
    return frozenset(groups)
