"""Memberships: the users in a team and their roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.domain.audit import AuditEvent
from kb.domain.dates import iso
from kb.domain.permissions import Action, Actor, Role, may_in, scopes_of
from kb.errors import Forbidden
from kb.messages import Message
from kb.models import Membership, User, db
from kb.services.accounts import token_revocation
from kb.services.accounts.authentication import reauthenticate
from kb.services.accounts.teams import find_team_for
from kb.services.accounts.users import find_user, no_such_user
from kb.services.core import audit
from kb.services.core.authorization import require_current_version
from kb.services.core.unit_of_work import unit_of_work
from kb.services.infrastructure.pagination import Page, cursor_text, decode_cursor, encode_cursor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Row, Select

    from kb.services.core.authorization import Versions


def list_members(actor: Actor, key: str) -> list[dict[str, Any]]:
    """All members of a team by name. Only its administrators see their emails."""
    team = find_team_for(actor, Action.READ_TEAM, key)
    return _present_each(actor, team.id, db.session.execute(_members_of(team.id)))


def page_of_members(actor: Actor, key: str, *, limit: int, cursor: str | None) -> Page:
    """A page of the members of a team by name, as in `list_members`."""
    team = find_team_for(actor, Action.READ_TEAM, key)
    statement = _members_of(team.id)
    if cursor is not None:
        (last,) = decode_cursor(cursor, cursor_text)
        statement = statement.where(User.name_key > last)
    rows = list(db.session.execute(statement.limit(limit + 1)))
    next_cursor = encode_cursor([rows[limit - 1].User.name_key]) if len(rows) > limit else None
    return Page(_present_each(actor, team.id, rows[:limit]), next_cursor)


def _members_of(team_id: int) -> Select[Membership, User]:
    return (
        select(Membership, User)
        .join(User, User.id == Membership.user_id)
        .where(Membership.team_id == team_id)
        .order_by(User.name_key)
    )


def _present_each(actor: Actor, team_id: int, rows: Iterable[Row[Membership, User]]) -> list[dict[str, Any]]:
    with_email = may_in(actor, Action.MANAGE_TEAM, team_id)
    return [_present(membership, user, with_email) for membership, user in rows]


def set_member(
    actor: Actor, key: str, id_or_email: str, versions: Versions | None, role: Role
) -> tuple[dict[str, Any], bool]:
    """Give a user, found by id or email, a role in a team. Returns the member, and whether it is a new one.

    Changing the role of a member needs the version that the change is based on.
    """
    with unit_of_work() as work:
        actor = reauthenticate(actor)
        team = find_team_for(actor, Action.MANAGE_TEAM, key)
        if not scopes_of(role) <= actor.scopes:
            raise Forbidden(Message("The role {role} needs scopes that this token lacks.", role=role.key))
        user = _find_addable(actor, team.id, id_or_email)
        membership = db.session.get(Membership, (team.id, user.id), with_for_update=True)
        before = membership.role_key if membership else None
        created = membership is None
        if membership is None:
            membership = Membership(team_id=team.id, user_id=user.id, role_key=role.key, since=work.at)
            db.session.add(membership)
        else:
            require_current_version(versions, membership.version)
            membership.role_key = role.key
            if role < Role.ADMIN:
                token_revocation.revoke_tokens_created_by(work, actor, user.id, team_id=team.id)
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
        return _present(membership, user, with_email=True), created


def remove_member(actor: Actor, key: str, id_or_email: str, versions: Versions | None) -> None:
    """End a membership. What the user wrote stays. Raises NotFound for a user who is not a member."""
    with unit_of_work() as work:
        actor = reauthenticate(actor)
        team = find_team_for(actor, Action.MANAGE_TEAM, key)
        user = _find_addable(actor, team.id, id_or_email)
        membership = db.session.get(Membership, (team.id, user.id), with_for_update=True)
        if membership is None:
            raise no_such_user(id_or_email)
        require_current_version(versions, membership.version)
        token_revocation.revoke_tokens_created_by(work, actor, user.id, team_id=team.id)
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


def _find_addable(actor: Actor, team_id: int, id_or_email: str) -> User:
    """Find a user whom the actor may add to or remove from a team.

    By id, only members are found: trying ids would reveal other users.
    """
    user = find_user(id_or_email)
    if (
        "@" not in id_or_email
        and not actor.sees_everything
        and db.session.get(Membership, (team_id, user.id)) is None
    ):
        raise no_such_user(id_or_email)
    return user


def _present(membership: Membership, user: User, with_email: bool) -> dict[str, Any]:
    return {
        "user": user.id,
        "name": user.name,
        "email": user.email if with_email else None,
        "role": membership.role_key,
        "since": iso(membership.since),
        "disabled": user.disabled_at is not None,
        "version": membership.version,
    }
