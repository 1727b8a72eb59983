"""Who belongs to a team, and as what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.domain.audit import AuditEvent
from kb.domain.dates import iso
from kb.domain.permissions import Action, Actor, Role, may_in, scopes_of
from kb.domain.text import forbidden_character
from kb.errors import Forbidden, NotFound
from kb.models import Membership, User, db
from kb.services.accounts import tokens
from kb.services.accounts.authentication import reauthenticate
from kb.services.accounts.teams import find_team_for
from kb.services.core import audit
from kb.services.core.authorization import require_version
from kb.services.core.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from kb.services.core.authorization import Versions


def list_members(actor: Actor, key: str) -> list[dict[str, Any]]:
    """Who is what in a team, by name; addresses are for its administrators."""
    team = find_team_for(actor, Action.READ_TEAM, key)
    rows = db.session.execute(
        select(Membership, User)
        .join(User, User.id == Membership.user_id)
        .where(Membership.team_id == team.id)
        .order_by(User.name_key)
    )
    with_address = may_in(actor, Action.MANAGE_TEAM, team.id)
    return [_member(membership, user, with_address) for membership, user in rows]


def set_member(
    actor: Actor, key: str, who: str, versions: Versions | None, role: Role
) -> tuple[dict[str, Any], bool]:
    """Make a user, by id or email, a member with a role; whether that is new.

    Who is a member already gets the role as of the version that the change is based on.
    """
    with unit_of_work() as work:
        actor = reauthenticate(actor)
        team = find_team_for(actor, Action.MANAGE_TEAM, key)
        if not scopes_of(role) <= actor.scopes:
            raise Forbidden(f"The role {role.key} is more than this token has scopes for.")
        user = _find_for(actor, team.id, who)
        membership = db.session.get(Membership, (team.id, user.id), with_for_update=True)
        before = membership.role_key if membership else None
        created = membership is None
        if membership is None:
            membership = Membership(team_id=team.id, user_id=user.id, role_key=role.key, since=work.at)
            db.session.add(membership)
        else:
            require_version(versions, membership.version)
            membership.role_key = role.key
            if role < Role.ADMIN:
                tokens.revoke_made_by(work, actor, user.id, team_id=team.id)
        if before != role.key:
            audit.log_event(
                work,
                actor,
                AuditEvent.MEMBER_SET,
                team_id=team.id,
                user=user.id,
                name=user.name,
                before=before,
                after=role.key,
            )
        db.session.flush()
        return _member(membership, user, with_address=True), created


def remove_member(actor: Actor, key: str, who: str, versions: Versions | None) -> None:
    """End a membership; what the user wrote stays. Raises NotFound for one that there is not."""
    with unit_of_work() as work:
        actor = reauthenticate(actor)
        team = find_team_for(actor, Action.MANAGE_TEAM, key)
        user = _find_for(actor, team.id, who)
        membership = db.session.get(Membership, (team.id, user.id), with_for_update=True)
        if membership is None:
            raise _nobody(who)
        require_version(versions, membership.version)
        tokens.revoke_made_by(work, actor, user.id, team_id=team.id)
        audit.log_event(
            work,
            actor,
            AuditEvent.MEMBER_REMOVED,
            team_id=team.id,
            user=user.id,
            name=user.name,
            before=membership.role_key,
        )
        db.session.delete(membership)


def find_user(who: str) -> User:
    """A user by id, or by email. Raises NotFound."""
    found = None
    if who.isascii() and who.isdigit() and len(who) < 10:
        found = db.session.get(User, int(who))
    elif "@" in who and forbidden_character(who) is None:
        found = db.session.scalar(select(User).where(User.email == who.strip().lower()))
    if found is None:
        raise _nobody(who)
    return found


def _find_for(actor: Actor, team_id: int, who: str) -> User:
    """A user whom an administrator of a team may name: by number only a member, by address anybody. Other
    numbers would tell who else there is."""
    user = find_user(who)
    if (
        "@" not in who
        and not actor.sees_everything
        and db.session.get(Membership, (team_id, user.id)) is None
    ):
        raise _nobody(who)
    return user


def _nobody(who: str) -> NotFound:
    return NotFound(f"There is no user {who[:254]!r} here.")


def _member(membership: Membership, user: User, with_address: bool) -> dict[str, Any]:
    return {
        "user": user.id,
        "name": user.name,
        "email": user.email if with_address else None,
        "role": membership.role_key,
        "since": iso(membership.since),
        "disabled": user.disabled_at is not None,
        "version": membership.version,
    }
