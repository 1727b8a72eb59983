"""Permissions: one table of actions, roles and scopes, and the functions that evaluate it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, NamedTuple

from kb.domain.incident import Status, Visibility

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    class IncidentAccess(Protocol):
        """The attributes of an incident that decide who may see it."""

        @property
        def team_id(self) -> int: ...
        @property
        def status(self) -> Status: ...
        @property
        def visibility(self) -> Visibility: ...


class Role(IntEnum):
    """A role. Each role includes all lower ones."""

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
        """The role's name in the API and the CLI."""
        return self.name.lower()


TEAM_ROLES = (Role.READER, Role.CONTRIBUTOR, Role.REVIEWER, Role.ADMIN)
"""Roles for members of a team."""

TOKEN_ROLES = (*TEAM_ROLES, Role.SITE_ADMIN)
"""Roles for team tokens. A site administrator's token is valid in every team."""


class Scope(StrEnum):
    """A token's scope. It limits the token regardless of its owner's role."""

    READ = "read"
    WRITE = "write"
    REVIEW = "review"
    MANAGE = "manage"


ALL_SCOPES = frozenset(Scope)


class Action(StrEnum):
    """An action that needs permission."""

    PUBLIC = "public"
    READ = "read"
    COMMENT = "comment"
    READ_TEAM = "read_team"
    READ_HISTORY = "read_history"
    READ_CHECKS = "read_checks"
    ANSWER_CHECK = "answer_check"
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
    READ_METRICS = "read_metrics"


class Rule(NamedTuple):
    """The minimum role and the token scope for an action.

    With `in_team`, the role counts in the team that owns the resource; otherwise, the highest role counts.
    """

    role: Role
    scope: Scope
    in_team: bool = True


PERMISSIONS: dict[Action, Rule] = {
    # Probes, documentation, signing in.
    Action.PUBLIC: Rule(Role.NOBODY, Scope.READ, in_team=False),
    # Anything visible to the caller (`may_see`).
    Action.READ: Rule(Role.ANONYMOUS, Scope.READ, in_team=False),
    Action.COMMENT: Rule(Role.SIGNED_IN, Scope.WRITE, in_team=False),
    # One's own checks, and those of one's teams (`check_access`).
    Action.READ_CHECKS: Rule(Role.SIGNED_IN, Scope.READ, in_team=False),
    Action.ANSWER_CHECK: Rule(Role.SIGNED_IN, Scope.WRITE, in_team=False),
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
    # The caller's own account, and the site.
    Action.USE_ACCOUNT: Rule(Role.SIGNED_IN, Scope.READ, in_team=False),
    Action.MANAGE_ACCOUNT: Rule(Role.SIGNED_IN, Scope.MANAGE, in_team=False),
    Action.MANAGE_SITE: Rule(Role.SITE_ADMIN, Scope.MANAGE, in_team=False),
    # Monitoring needs only a read token.
    Action.READ_METRICS: Rule(Role.SITE_ADMIN, Scope.READ, in_team=False),
}
"""TRANSITION means taking any workflow step; each step also needs the action in `workflow.REQUIRED_ACTION`.
DISCARD means withdrawing an unpublished incident or taking that back, REVIEW means approving or requesting
changes, and OVERRIDE means publishing against a rule of the team. ANSWER_CHECK means going ahead despite a
check's findings, or marking one of them as harmless."""


UNSTORED = 0
"""The id of a token that has none yet; no stored token has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The caller. `roles` holds the role in each team by team id; `role` applies everywhere else.

    `acts_for` is the principal on whose behalf a system actor writes. `session` is the digest of a session
    that waits to be stored, whose `token_id` is therefore UNSTORED.
    """

    name: str
    role: Role
    roles: Mapping[int, Role] = field(default_factory=dict)
    scopes: frozenset[Scope] = ALL_SCOPES
    user_id: int | None = None
    token_id: int | None = None
    language: str | None = None
    time_zone: str = "UTC"
    acts_for: str | None = None
    session: str | None = None

    @property
    def sees_everything(self) -> bool:
        return self.role is Role.SITE_ADMIN

    @property
    def principal(self) -> str:
        """A stable identifier, independent of the name: `user:3`, `token:5` or `operator:...`."""
        if self.acts_for is not None:
            return self.acts_for
        if self.user_id is not None:
            return f"user:{self.user_id}"
        return f"operator:{self.name}" if self.token_id is None else f"token:{self.token_id}"

    @property
    def highest_role(self) -> Role:
        """The caller's highest role in any team or outside."""
        return max(self.role, *self.roles.values()) if self.roles else self.role


def scopes_of(role: Role) -> frozenset[Scope]:
    """The scopes needed for everything that a role allows in a team."""
    return frozenset(rule.scope for rule in PERMISSIONS.values() if rule.in_team and rule.role <= role)


def has_role_for(actor: Actor, action: Action) -> bool:
    """Whether the actor may perform the action in at least one team."""
    rule = PERMISSIONS[action]
    return actor.highest_role >= rule.role and rule.scope in actor.scopes


def role_in(actor: Actor, team_id: int) -> Role:
    """The actor's role in a team."""
    return actor.role if actor.sees_everything else actor.roles.get(team_id, actor.role)


def belongs_to(actor: Actor, team_id: int) -> bool:
    """Whether the actor is a member of a team. A site administrator is a member of all."""
    return role_in(actor, team_id) >= Role.READER


def may_in(actor: Actor, action: Action, team_id: int) -> bool:
    """Whether the actor may perform the action on a resource of a team."""
    rule = PERMISSIONS[action]
    role = role_in(actor, team_id) if rule.in_team else actor.highest_role
    return role >= rule.role and rule.scope in actor.scopes


def is_public(status: Status, visibility: Visibility) -> bool:
    """Whether everyone with read access may read an incident."""
    return status == Status.PUBLISHED and visibility == Visibility.ORGANIZATION


def may_see(actor: Actor, incident: IncidentAccess) -> bool:
    """Whether the actor may see an incident. An invisible one is reported as not found."""
    if not has_role_for(actor, Action.READ):
        return False
    return is_public(incident.status, incident.visibility) or belongs_to(actor, incident.team_id)


PUBLIC_AUDIENCE = "public"


def audiences_of(team_id: int, status: Status, visibility: Visibility) -> tuple[str, ...]:
    """The audiences that may see an incident. The index stores them, and searches filter by them."""
    team = f"team:{team_id}"
    return (PUBLIC_AUDIENCE, team) if is_public(status, visibility) else (team,)


def teams_of(actor: Actor) -> frozenset[int]:
    """The ids of the teams whose internal resources the actor may see."""
    return frozenset(team for team, role in actor.roles.items() if role >= Role.READER)


def audiences_for(actor: Actor) -> frozenset[str] | None:
    """The audiences that an actor belongs to, or None for an actor who sees everything.

    Two actors with the same audiences see the same incidents.
    """
    if actor.sees_everything:
        return None
    if not has_role_for(actor, Action.READ):
        return frozenset()
    return frozenset({PUBLIC_AUDIENCE, *(f"team:{team}" for team in teams_of(actor))})
