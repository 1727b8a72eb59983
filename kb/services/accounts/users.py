"""Users: create, read and change them, as an administrator of the site or as the user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.domain.audit import AuditEvent
from kb.domain.dates import iso
from kb.domain.permissions import ALL_SCOPES, Action, Actor
from kb.domain.text import forbidden_character, name_key
from kb.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound
from kb.messages import Message
from kb.models import Team, User, db
from kb.models.base import MAX_INTEGER
from kb.services.accounts import rate_limits, token_revocation
from kb.services.accounts.authentication import reauthenticate
from kb.services.accounts.display_names import require_available_name
from kb.services.accounts.passwords import hash_password, verify_password
from kb.services.accounts.sessions import log_failed_sign_in
from kb.services.core import audit, idempotency
from kb.services.core.authorization import require, require_current_version
from kb.services.core.own_token import own_token
from kb.services.core.unit_of_work import UnitOfWork, unit_of_work
from kb.services.infrastructure.pagination import Page, id_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.services.core.authorization import Versions


def create_user(actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """Add a user, as a site administrator. `email` and `name` are required; `password`, `language`,
    `time_zone` and `site_admin` are optional.

    Raises InvalidInput for a bad name or password, and Conflict for an email or a name that is taken.
    """
    require(actor, Action.MANAGE_SITE)
    _require_all_scopes(actor, data)
    password = data.get("password")
    password_hash = hash_password(password) if password is not None else None
    with unit_of_work() as work:
        require(reauthenticate(actor), Action.MANAGE_SITE)
        user = User(email="", name="", password_hash=password_hash, time_zone="UTC", site_admin=False)
        _set_name(user, data["name"])
        _set_email(user, data["email"])
        _set_preferences(user, data)
        user.site_admin = data.get("site_admin", False)
        user.created_at = work.at
        db.session.add(user)
        db.session.flush()
        audit.log_event(
            work, actor, AuditEvent.USER_CREATED, user=user.id, name=user.name, site_admin=user.site_admin
        )
        return idempotency.store_answer(_present(user), incident_id=None)


def update_user(
    actor: Actor, user_id: int, versions: Versions | None, data: Mapping[str, Any]
) -> dict[str, Any]:
    """Change a user, as a site administrator.

    A new password ends all sessions. Disabling a user, or ending site administration, also revokes the tokens
    of teams that the user created. Raises NotFound, PreconditionMissing, StaleVersion, InvalidInput or
    Conflict.
    """
    require(actor, Action.MANAGE_SITE)
    _require_all_scopes(actor, data)
    password_hash = hash_password(data["password"]) if "password" in data else None
    with unit_of_work() as work:
        require(reauthenticate(actor), Action.MANAGE_SITE)
        user = _find(user_id, for_update=True)
        require_current_version(versions, user.version)
        before = _audited_fields(user)
        with db.session.no_autoflush:  # one UPDATE, hence one version, however many fields change
            _apply(work, actor, user, data)
            if password_hash is not None:
                _set_password(work, actor, user, password_hash)
        after = _audited_fields(user)
        changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
        if changes:
            audit.log_event(
                work, actor, AuditEvent.USER_CHANGED, user=user.id, name=user.name, changes=changes
            )
        db.session.flush()
        return _present(user)


def _apply(work: UnitOfWork, actor: Actor, user: User, data: Mapping[str, Any]) -> None:
    """Apply all changes except to the password, and revoke the tokens that they invalidate."""
    if "name" in data:
        _set_name(user, data["name"])
    if "email" in data:
        _set_email(user, data["email"])
    _set_preferences(user, data)
    loses_site_admin = user.site_admin and not data.get("site_admin", True)
    user.site_admin = data.get("site_admin", user.site_admin)
    was_disabled = user.disabled_at is not None
    disabled = data.get("disabled", was_disabled)
    if disabled != was_disabled:
        user.disabled_at = work.at if disabled else None
    if loses_site_admin or (disabled and not was_disabled):
        token_revocation.revoke_tokens_created_by(work, actor, user.id)


def list_users(actor: Actor, *, limit: int, cursor: str | None) -> Page:
    """All users, latest first, for site administrators."""
    require(actor, Action.MANAGE_SITE)
    return id_page(select(User), User.id, _present, limit=limit, cursor=cursor)


def get_user(actor: Actor, user_id: int) -> dict[str, Any]:
    """A user, for site administrators. Raises NotFound."""
    require(actor, Action.MANAGE_SITE)
    return _present(_find(user_id))


def find_user(id_or_email: str) -> User:
    """Find a user by id or email. Raises NotFound."""
    user = None
    if id_or_email.isascii() and id_or_email.isdigit() and len(id_or_email) < 10:
        user = db.session.get(User, int(id_or_email))
    elif "@" in id_or_email and forbidden_character(id_or_email) is None:
        user = db.session.scalar(select(User).where(User.email == id_or_email.strip().lower()))
    if user is None:
        raise no_such_user(id_or_email)
    return user


def no_such_user(id_or_email: str) -> NotFound:
    """The error for a user who is not found by id or email."""
    return NotFound(Message("There is no user {id_or_email!r} here.", id_or_email=id_or_email[:254]))


def get_me(actor: Actor) -> dict[str, Any]:
    """The actor, with its teams and roles, its scopes, and its user if it has one."""
    require(actor, Action.USE_ACCOUNT)
    keys = {team.id: team.key for team in db.session.scalars(select(Team))}
    user = db.session.get(User, actor.user_id) if actor.user_id is not None else None
    return {
        "name": actor.name,
        "site_admin": actor.sees_everything,
        "teams": [{"team": keys[team], "role": role.key} for team, role in sorted(actor.roles.items())],
        "scopes": sorted(actor.scopes),
        "user": _present(user) if user else None,
    }


def update_me(actor: Actor, versions: Versions | None, data: Mapping[str, Any]) -> dict[str, Any]:
    """Change the language, time zone or password of the actor's user.

    A new password needs the current one and ends all other sessions; a wrong current one counts as a failed
    sign-in. Raises Forbidden, InvalidInput, PreconditionMissing, StaleVersion or Throttled.
    """
    require(actor, Action.MANAGE_ACCOUNT)
    if actor.user_id is None:
        raise Forbidden(Message("This token belongs to a team, not to a user."))
    password_hash, attempt = None, None
    if "password" in data:
        password_hash = hash_password(data["password"])
        require_current_version(versions, _find(actor.user_id).version)
        attempt = _check_current_password(actor.user_id, data.get("current_password", ""))
    with unit_of_work() as work:
        user = _find(actor.user_id, for_update=True)
        require_current_version(versions, user.version)
        _set_preferences(user, data)
        if password_hash is not None and attempt is not None:
            rate_limits.record_success(work, attempt)
            _set_password(work, actor, user, password_hash)
        db.session.flush()
    return get_me(actor)


def _check_current_password(user_id: int, password: str) -> rate_limits.Attempt:
    """Verify a user's current password, and return the attempt, which still counts as failed.

    Raises InvalidInput for a wrong password, and Throttled after several.
    """
    attempt = rate_limits.count_attempt((rate_limits.CURRENT_PASSWORD_BY_USER, str(user_id)))
    user = _find(user_id)
    if verify_password(password, user.password_hash):
        return attempt
    with unit_of_work() as work:
        log_failed_sign_in(work, _find(user_id), user.email)
    detail = Message("This is not your current password. Send it together with the new one.")
    raise InvalidInput([FieldError("/current_password", detail)], detail)


def _require_all_scopes(actor: Actor, data: Mapping[str, Any]) -> None:
    """Raise Forbidden for changes that let someone sign in, unless the token has all scopes, since it would
    grant scopes that it lacks."""
    if data.keys() & {"password", "site_admin", "email"} and actor.scopes != ALL_SCOPES:
        raise Forbidden(
            Message("This needs a token with all scopes, since whoever signs in gets all of them.")
        )


def _set_password(work: UnitOfWork, actor: Actor, user: User, password_hash: str) -> None:
    user.password_hash = password_hash
    token = own_token(actor)
    token_revocation.end_sessions(work, user.id, keep=token.id if token is not None else None)
    audit.log_event(work, actor, AuditEvent.PASSWORD, user=user.id, name=user.name)


def _set_preferences(user: User, data: Mapping[str, Any]) -> None:
    for name in ("language", "time_zone"):
        if name in data:
            setattr(user, name, data[name])


def _set_name(user: User, name: str) -> None:
    require_available_name(name, user_id=user.id or 0)
    user.name, user.name_key = name, name_key(name)


def _set_email(user: User, email: str) -> None:
    email = email.lower()
    holder = db.session.scalar(select(User.id).where(User.email == email))
    if holder is not None and holder != user.id:
        detail = Message("Another user has this email.")
        raise Conflict(detail, [FieldError("/email", detail)])
    user.email = email


def _find(user_id: int, *, for_update: bool = False) -> User:
    user = None
    if user_id <= MAX_INTEGER:
        user = db.session.get(User, user_id, with_for_update=for_update or None)
    if user is None:
        raise NotFound(Message("There is no user {user_id}.", user_id=user_id))
    return user


def _audited_fields(user: User) -> dict[str, Any]:
    """The fields of a user whose changes the audit log records."""
    disabled = user.disabled_at is not None
    return {"email": user.email, "name": user.name, "site_admin": user.site_admin, "disabled": disabled}


def _present(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        **_audited_fields(user),
        "language": user.language,
        "time_zone": user.time_zone,
        "can_sign_in": user.password_hash is not None and user.disabled_at is None,
        "created_at": iso(user.created_at),
        "version": user.version,
    }
