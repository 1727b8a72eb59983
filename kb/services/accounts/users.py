"""Users: made and changed by administrators, and by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.domain.audit import AuditEvent
from kb.domain.dates import iso
from kb.domain.permissions import ALL_SCOPES, Action, Actor
from kb.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound
from kb.models import Team, User, db
from kb.models.base import MAX_INTEGER
from kb.services.accounts import rate_limits, tokens
from kb.services.accounts.authentication import reauthenticate
from kb.services.accounts.display_names import name_key, require_own_name
from kb.services.accounts.passwords import hash_password, is_right
from kb.services.accounts.sessions import note_failure
from kb.services.core import audit, idempotency
from kb.services.core.authorization import require, require_version
from kb.services.core.unit_of_work import UnitOfWork, unit_of_work
from kb.services.infrastructure.pagination import Page, id_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.services.core.authorization import Versions


def create_user(actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """Add a user: `email`, `name`, and `password`, `language`, `time_zone`, `site_admin` as wanted.

    Raises Conflict for an address or a name that somebody has already.
    """
    require(actor, Action.MANAGE_SITE)
    _require_all_scopes(actor, data)
    password = data.get("password")
    hashed = hash_password(password) if password is not None else None
    with unit_of_work() as work:
        require(reauthenticate(actor), Action.MANAGE_SITE)
        user = User(email="", name="", password_hash=hashed, time_zone="UTC", site_admin=False)
        _rename(user, data["name"])
        _readdress(user, data["email"])
        _set_preferences(user, data)
        user.site_admin = data.get("site_admin", False)
        user.created_at = work.at
        db.session.add(user)
        db.session.flush()
        audit.log_event(
            work, actor, AuditEvent.USER_CREATED, user=user.id, name=user.name, site_admin=user.site_admin
        )
        return idempotency.keep(_view(user), incident_id=None)


def update_user(
    actor: Actor, user_id: int, versions: Versions | None, data: Mapping[str, Any]
) -> dict[str, Any]:
    """Change a user, as an administrator of the site. A new password ends all sessions; who is disabled
    cannot use a token any more."""
    require(actor, Action.MANAGE_SITE)
    _require_all_scopes(actor, data)
    hashed = hash_password(data["password"]) if "password" in data else None
    with unit_of_work() as work:
        require(reauthenticate(actor), Action.MANAGE_SITE)
        user = _find(user_id, for_update=True)
        require_version(versions, user.version)
        before = _told(user)
        if "name" in data:
            _rename(user, data["name"])
        if "email" in data:
            _readdress(user, data["email"])
        _set_preferences(user, data)
        if user.site_admin and not data.get("site_admin", True):
            tokens.revoke_made_by(work, actor, user.id)
        user.site_admin = data.get("site_admin", user.site_admin)
        if "disabled" in data and data["disabled"] != (user.disabled_at is not None):
            user.disabled_at = work.at if data["disabled"] else None
            if data["disabled"]:
                tokens.revoke_made_by(work, actor, user.id)
        if hashed is not None:
            _set_password(work, actor, user, hashed)
        after = _told(user)
        changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
        if changes:
            audit.log_event(
                work, actor, AuditEvent.USER_CHANGED, user=user.id, name=user.name, changes=changes
            )
        db.session.flush()
        return _view(user)


def list_users(actor: Actor, *, limit: int, cursor: str | None) -> Page:
    """All users, the latest first."""
    require(actor, Action.MANAGE_SITE)
    return id_page(select(User), User.id, _view, limit=limit, cursor=cursor)


def get_user(actor: Actor, user_id: int) -> dict[str, Any]:
    """One user. Raises NotFound."""
    require(actor, Action.MANAGE_SITE)
    return _view(_find(user_id))


def get_me(actor: Actor) -> dict[str, Any]:
    """Who the actor is, and what that allows."""
    require(actor, Action.USE_ACCOUNT)
    keys = {team.id: team.key for team in db.session.scalars(select(Team))}
    user = db.session.get(User, actor.user_id) if actor.user_id is not None else None
    return {
        "name": actor.name,
        "site_admin": actor.sees_everything,
        "teams": [{"team": keys[team], "role": role.key} for team, role in sorted(actor.roles.items())],
        "scopes": sorted(actor.scopes),
        "user": _view(user) if user else None,
    }


def update_me(actor: Actor, versions: Versions | None, data: Mapping[str, Any]) -> dict[str, Any]:
    """Change one's own language, time zone or password; for a new password the current one is needed.

    The new password ends all other sessions. A wrong current one counts as a failed sign-in.
    """
    require(actor, Action.MANAGE_ACCOUNT)
    if actor.user_id is None:
        raise Forbidden("This token belongs to a team, not to a user.")
    hashed, attempt = None, None
    if "password" in data:
        hashed = hash_password(data["password"])
        require_version(versions, _find(actor.user_id).version)
        attempt = rate_limits.count_attempt((rate_limits.CURRENT_PASSWORD, str(actor.user_id)))
        user = _find(actor.user_id)
        if not is_right(data.get("current_password", ""), user.password_hash):
            with unit_of_work() as work:
                note_failure(work, _find(actor.user_id), user.email)
            detail = "Send your current password as well: this is not it."
            raise InvalidInput([FieldError("/current_password", detail)], detail)
    with unit_of_work() as work:
        user = _find(actor.user_id, for_update=True)
        require_version(versions, user.version)
        _set_preferences(user, data)
        if hashed is not None and attempt is not None:
            rate_limits.succeeded(work, attempt)
            _set_password(work, actor, user, hashed)
        db.session.flush()
    return get_me(actor)


def _require_all_scopes(actor: Actor, data: Mapping[str, Any]) -> None:
    """Who may sign in may everything that the account may: no token gives more than it has itself."""
    if data.keys() & {"password", "site_admin", "email"} and actor.scopes != ALL_SCOPES:
        raise Forbidden("This needs a token with all scopes: who can sign in has all of them.")


def _set_password(work: UnitOfWork, actor: Actor, user: User, hashed: str) -> None:
    user.password_hash = hashed
    tokens.end_sessions(work, user.id, but=actor.token_id)
    audit.log_event(work, actor, AuditEvent.PASSWORD, user=user.id, name=user.name)


def _set_preferences(user: User, data: Mapping[str, Any]) -> None:
    for name in ("language", "time_zone"):
        if name in data:
            setattr(user, name, data[name])


def _rename(user: User, name: str) -> None:
    require_own_name(name, user_id=user.id or 0)
    user.name, user.name_key = name, name_key(name)


def _readdress(user: User, email: str) -> None:
    user.email = email.lower()
    holder = db.session.scalar(select(User.id).where(User.email == user.email))
    if holder is not None and holder != user.id:
        detail = "Somebody has this address already."
        raise Conflict(detail, [FieldError("/email", detail)])


def _find(user_id: int, *, for_update: bool = False) -> User:
    user = None
    if user_id <= MAX_INTEGER:
        user = db.session.get(User, user_id, with_for_update=for_update or None)
    if user is None:
        raise NotFound(f"There is no user {user_id}.")
    return user


def _told(user: User) -> dict[str, Any]:
    """What the audit log tells of a user."""
    disabled = user.disabled_at is not None
    return {"email": user.email, "name": user.name, "site_admin": user.site_admin, "disabled": disabled}


def _view(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        **_told(user),
        "language": user.language,
        "time_zone": user.time_zone,
        "can_sign_in": user.password_hash is not None and user.disabled_at is None,
        "created_at": iso(user.created_at),
        "version": user.version,
    }
