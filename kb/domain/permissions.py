"""Who may do what: one table of actions and roles, and the functions that read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, NamedTuple

from kb.domain.incident import Status, Visibility

if TYPE_CHECKING:
    from collections.abc import Mapping
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
    SIGNED_IN = 2
    READER = 3
    CONTRIBUTOR = 4
    REVIEWER = 5
    ADMIN = 6
    SITE_ADMIN = 7

    @property
    def key(self) -> str:
        """The role's name as people write it."""
        return self.name.lower()


TEAM_ROLES = (Role.READER, Role.CONTRIBUTOR, Role.REVIEWER, Role.ADMIN)
"""The roles that a member of a team can have."""

TOKEN_ROLES = (*TEAM_ROLES, Role.SITE_ADMIN)
"""The roles that a team's token can carry; that of a site administrator is for every team."""


class Scope(StrEnum):
    """What a token is for: it never opens more than its scopes, whoever it belongs to."""

    READ = "read"
    WRITE = "write"
    REVIEW = "review"
    MANAGE = "manage"


ALL_SCOPES = frozenset(Scope)


class Action(StrEnum):
    """Everything that can be asked of the service."""

    PUBLIC = "public"
    READ = "read"
    COMMENT = "comment"
    READ_TEAM = "read_team"
    READ_HISTORY = "read_history"
    CREATE = "create"
    EDIT = "edit"
    TRANSLATE = "translate"
    TRANSITION = "transition"
    SUBMIT = "submit"
    RESOLVE = "resolve"
    FOLLOW_UP = "follow_up"
    DISCARD = "discard"
    REVIEW = "review"
    PUBLISH = "publish"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    OVERRIDE = "override"
    READ_AUDIT = "read_audit"
    MANAGE_TEAM = "manage_team"
    USE_ACCOUNT = "use_account"
    MANAGE_ACCOUNT = "manage_account"
    MANAGE_SITE = "manage_site"


class Rule(NamedTuple):
    """The least role that an action needs, in the team that owns the thing where `in_team` says so, and the
    scope that a token needs for it."""

    role: Role
    scope: Scope
    in_team: bool = True


PERMISSIONS: dict[Action, Rule] = {
    # Probes, documentation, signing in.
    Action.PUBLIC: Rule(Role.NOBODY, Scope.READ, in_team=False),
    # What one may see (`may_see`), and what hangs on it.
    Action.READ: Rule(Role.ANONYMOUS, Scope.READ, in_team=False),
    Action.COMMENT: Rule(Role.SIGNED_IN, Scope.WRITE, in_team=False),
    # Members of the team.
    Action.READ_TEAM: Rule(Role.READER, Scope.READ),
    Action.READ_HISTORY: Rule(Role.READER, Scope.READ),
    Action.CREATE: Rule(Role.CONTRIBUTOR, Scope.WRITE),
    Action.EDIT: Rule(Role.CONTRIBUTOR, Scope.WRITE),
    Action.TRANSLATE: Rule(Role.CONTRIBUTOR, Scope.WRITE),
    Action.TRANSITION: Rule(Role.CONTRIBUTOR, Scope.READ),
    Action.SUBMIT: Rule(Role.CONTRIBUTOR, Scope.WRITE),
    Action.RESOLVE: Rule(Role.CONTRIBUTOR, Scope.WRITE),
    Action.FOLLOW_UP: Rule(Role.CONTRIBUTOR, Scope.WRITE),
    Action.DISCARD: Rule(Role.CONTRIBUTOR, Scope.WRITE),
    Action.REVIEW: Rule(Role.REVIEWER, Scope.REVIEW),
    Action.PUBLISH: Rule(Role.REVIEWER, Scope.REVIEW),
    Action.REOPEN: Rule(Role.REVIEWER, Scope.REVIEW),
    Action.WITHDRAW: Rule(Role.REVIEWER, Scope.REVIEW),
    Action.OVERRIDE: Rule(Role.ADMIN, Scope.REVIEW),
    Action.READ_AUDIT: Rule(Role.ADMIN, Scope.MANAGE),
    Action.MANAGE_TEAM: Rule(Role.ADMIN, Scope.MANAGE),
    # Oneself, and everything.
    Action.USE_ACCOUNT: Rule(Role.SIGNED_IN, Scope.READ, in_team=False),
    Action.MANAGE_ACCOUNT: Rule(Role.SIGNED_IN, Scope.MANAGE, in_team=False),
    Action.MANAGE_SITE: Rule(Role.SITE_ADMIN, Scope.MANAGE, in_team=False),
}
"""What an action needs. To step is to take some step of the workflow, each of which has a row of its own; to
discard is to withdraw what was not published; to review is to approve, or to ask for changes; to
override is to publish against a rule that the team has set itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who is asking. `role` is what the caller is outside of the teams in `roles`, which are keyed by id."""

    name: str
    role: Role
    roles: Mapping[int, Role] = field(default_factory=dict)
    scopes: frozenset[Scope] = ALL_SCOPES
    user_id: int | None = None
    token_id: int | None = None
    language: str | None = None
    time_zone: str = "UTC"

    @property
    def sees_everything(self) -> bool:
        return self.role is Role.SITE_ADMIN

    @property
    def principal(self) -> str:
        """Who it is, whatever the name becomes: a user, else a token, else the machine's operator."""
        if self.user_id is not None:
            return f"user:{self.user_id}"
        return f"operator:{self.name}" if self.token_id is None else f"token:{self.token_id}"

    @property
    def highest_role(self) -> Role:
        """The highest role that the caller has anywhere."""
        return max(self.role, *self.roles.values()) if self.roles else self.role


def scopes_of(role: Role) -> frozenset[Scope]:
    """The scopes that a role in a team makes use of: no token gives anybody a role that needs more."""
    return frozenset(rule.scope for rule in PERMISSIONS.values() if rule.in_team and rule.role <= role)


def has_role_for(actor: Actor, action: Action) -> bool:
    """Whether the actor may do this at all, somewhere."""
    rule = PERMISSIONS[action]
    return actor.highest_role >= rule.role and rule.scope in actor.scopes


def role_in(actor: Actor, team_id: int) -> Role:
    """What the actor is in a team."""
    return actor.role if actor.sees_everything else actor.roles.get(team_id, actor.role)


def belongs_to(actor: Actor, team_id: int) -> bool:
    """Whether the actor is a member of this team, or of every one."""
    return role_in(actor, team_id) >= Role.READER


def may_in(actor: Actor, action: Action, team_id: int) -> bool:
    """Whether the actor may do this to something of this team."""
    rule = PERMISSIONS[action]
    role = role_in(actor, team_id) if rule.in_team else actor.highest_role
    return role >= rule.role and rule.scope in actor.scopes


def is_public(status: Status, visibility: Visibility) -> bool:
    """Whether everybody who may read at all may read such an incident."""
    return status == Status.PUBLISHED and visibility == Visibility.ORGANIZATION


def may_see(actor: Actor, incident: Guarded) -> bool:
    """Whether the incident exists, as far as this actor is concerned."""
    if not has_role_for(actor, Action.READ):
        return False
    return is_public(incident.status, incident.visibility) or belongs_to(actor, incident.team_id)


PUBLIC_AUDIENCE = "public"


def audiences_of(team_id: int, status: Status, visibility: Visibility) -> tuple[str, ...]:
    """The groups that may see an incident; an index stores them, and a search is masked by them."""
    team = f"team:{team_id}"
    return (PUBLIC_AUDIENCE, team) if is_public(status, visibility) else (team,)


def teams_of(actor: Actor) -> frozenset[int]:
    """The teams whose own things the actor sees, where that is not everything."""
    return frozenset(team for team, role in actor.roles.items() if role >= Role.READER)


def audiences_for(actor: Actor) -> frozenset[str] | None:
    """The groups that an actor belongs to; None for an actor who sees everything.

    Two actors with the same audiences see the same incidents.
    """
    if actor.sees_everything:
        return None
    if not has_role_for(actor, Action.READ):
        return frozenset()
    return frozenset({PUBLIC_AUDIENCE, *(f"team:{team}" for team in teams_of(actor))})
