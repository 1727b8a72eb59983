"""Sign in and out."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.domain.audit import AuditEvent
from kb.domain.dates import iso
from kb.domain.permissions import Action, Actor, Role
from kb.errors import NotAuthenticated, NotFound
from kb.messages import Message
from kb.models import AuditEntry, User, db
from kb.models.base import utc_now
from kb.services.accounts import rate_limits, tokens
from kb.services.accounts.passwords import verify_password
from kb.services.accounts.waiting_sessions import end_session
from kb.services.core import audit
from kb.services.core.authorization import require
from kb.services.core.brief_work import brief_work
from kb.services.core.own_token import own_token
from kb.services.core.system_actors import ANONYMOUS_NAME
from kb.services.infrastructure.client_address import UNREADABLE, address, network, network_of

if TYPE_CHECKING:
    from kb.services.core.brief_work import Work

SESSION_LIFETIME = timedelta(hours=12)
"""How long a session lasts."""

_RECENT, _MAX_SIGN_INS = timedelta(days=90), 200
"""How far back, and in how many sign-ins, to search for the known networks of a user."""


def sign_in(email: str, password: str) -> dict[str, Any]:
    """Start a session for a user who knows the password, and return its token.

    Raises NotAuthenticated, with the same message after the same work for every reason, Throttled after
    several failures, and Unavailable if neither the database nor its spool can store the session with its
    entry in the audit log.
    """
    email = email.strip().lower()
    limits = [
        (rate_limits.SIGN_IN_BY_ACCOUNT_AND_NETWORK, f"{email} {network()}"),
        (rate_limits.SIGN_IN_BY_NETWORK, network()),
    ]
    user = db.session.scalar(select(User).where(User.email == email))
    if user is None or not _has_signed_in_from_this_network(user.id):
        limits.append((rate_limits.SIGN_IN_BY_ACCOUNT, email))
    password_hash = user.password_hash if user is not None and user.disabled_at is None else None
    user_id = user.id if user is not None else None
    attempt = rate_limits.count_attempt(*limits)
    correct = verify_password(password, password_hash)
    with brief_work() as work:
        user = db.session.get(User, user_id, with_for_update=True) if user_id is not None else None
        # The password may have been changed while it was verified.
        if user is None or not correct or user.password_hash != password_hash or user.disabled_at is not None:
            log_failed_sign_in(work, user, email)
            session = None
        else:
            rate_limits.record_success(work, attempt)
            session = _start_session(work, user)
    if session is None:
        raise NotAuthenticated(Message("No user has this email and password."))
    return session


def _start_session(work: Work, user: User) -> dict[str, Any]:
    actor = Actor(name=user.name, role=Role.SIGNED_IN, user_id=user.id)
    token, secret = tokens.add_session(work, actor, user, SESSION_LIFETIME)
    audit.log_event(work, actor, AuditEvent.LOGIN, user=user.id, name=user.name)
    return {
        "token": secret,
        "expires_at": iso(token.expires_at),
        "user": user.name,
        "language": user.language,
        "time_zone": user.time_zone,
    }


def log_failed_sign_in(work: Work, user: User | None, email: str) -> None:
    """Log a wrong password. Only a digest of the email is logged, since people type passwords into the wrong
    field."""
    anonymous = Actor(name=ANONYMOUS_NAME, role=Role.NOBODY, user_id=user.id if user else None)
    details: dict[str, Any] = {"user": user.id, "name": user.name} if user else {}
    digest = hashlib.sha256(email.encode("utf-8", "replace")).hexdigest()[:16]
    audit.log_event(work, anonymous, AuditEvent.LOGIN_FAILED, **details, tried=digest)


def _has_signed_in_from_this_network(user_id: int) -> bool:
    if address() == UNREADABLE:
        return False
    recent = select(AuditEntry.address).where(
        AuditEntry.principal == f"user:{user_id}",
        AuditEntry.event == AuditEvent.LOGIN,
        AuditEntry.at > utc_now() - _RECENT,
    )
    addresses = db.session.scalars(recent.order_by(AuditEntry.id.desc()).limit(_MAX_SIGN_INS))
    return network() in {network_of(other or "") for other in addresses}


def sign_out(actor: Actor) -> None:
    """End the actor's session. Raises NotFound for a token that is not a session."""
    require(actor, Action.USE_ACCOUNT)
    with brief_work() as work:
        token = own_token(actor)
        digest = token.digest if token is not None and token.is_session else actor.session
        if digest is None:
            raise NotFound(Message("This token is not a session. DELETE /tokens/{id} revokes it."))
        end_session(work, digest)
        audit.log_event(work, actor, AuditEvent.LOGOUT)
