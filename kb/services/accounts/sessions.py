"""Signing in and out."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.domain.audit import AuditEvent
from kb.domain.dates import iso
from kb.domain.permissions import Action, Actor, Role
from kb.errors import NotAuthenticated, NotFound
from kb.models import ApiToken, AuditEntry, User, db
from kb.models.base import utc_now
from kb.services.accounts import rate_limits, tokens
from kb.services.accounts.passwords import is_right
from kb.services.core import audit
from kb.services.core.authorization import require
from kb.services.core.system_actors import ANONYMOUS_NAME
from kb.services.core.unit_of_work import unit_of_work
from kb.services.infrastructure.client_address import UNREADABLE, address, network, network_of

if TYPE_CHECKING:
    from kb.services.core.unit_of_work import UnitOfWork

LIFETIME = timedelta(hours=12)
"""How long one stays signed in."""

_RECENT, _MAX_SIGN_INS = timedelta(days=90), 200
"""How far back, and how many sign-ins, one is remembered by where one came from."""


def sign_in(email: str, password: str) -> dict[str, Any]:
    """A token for a user who knows the password, for a day's work.

    Raises NotAuthenticated, in the same words and after the same work for whatever is wrong, and Throttled
    after several failures.
    """
    email = email.strip().lower()
    tried = [(rate_limits.SIGN_IN_HERE, f"{email} {network()}"), (rate_limits.SIGN_INS_FROM_HERE, network())]
    user = db.session.scalar(select(User).where(User.email == email))
    if user is None or not _has_signed_in_from_here(user.id):
        tried.append((rate_limits.SIGN_IN_ANYWHERE, email))
    known = user.password_hash if user is not None and user.disabled_at is None else None
    user_id = user.id if user is not None else None
    attempt = rate_limits.count_attempt(*tried)
    right = is_right(password, known)
    with unit_of_work() as work:
        user = db.session.get(User, user_id, with_for_update=True) if user_id is not None else None
        # The password may have been changed while it was looked at.
        if user is None or not right or user.password_hash != known or user.disabled_at is not None:
            note_failure(work, user, email)
            answer = None
        else:
            rate_limits.succeeded(work, attempt)
            actor = Actor(name=user.name, role=Role.SIGNED_IN, user_id=user.id)
            token, secret = tokens.issue(
                work, "session", user_id=user.id, lifetime=LIFETIME, is_session=True, maker=actor
            )
            audit.log_event(work, actor, AuditEvent.LOGIN, user=user.id, name=user.name)
            answer = {
                "token": secret,
                "expires_at": iso(token.expires_at),
                "user": user.name,
                "language": user.language,
                "time_zone": user.time_zone,
            }
    if answer is None:
        raise NotAuthenticated("No user has this address and this password.")
    return answer


def note_failure(work: UnitOfWork, user: User | None, tried: str) -> None:
    """Keep that somebody did not know a password; of an address that is nobody's only a digest is kept, since
    people type passwords into the wrong field."""
    nobody = Actor(name=ANONYMOUS_NAME, role=Role.NOBODY, user_id=user.id if user else None)
    known: dict[str, Any] = {"user": user.id, "name": user.name} if user else {}
    digest = hashlib.sha256(tried.encode("utf-8", "replace")).hexdigest()[:16]
    audit.log_event(work, nobody, AuditEvent.LOGIN_FAILED, **known, tried=digest)


def _has_signed_in_from_here(user_id: int) -> bool:
    if address() == UNREADABLE:
        return False
    lately = select(AuditEntry.address).where(
        AuditEntry.principal == f"user:{user_id}",
        AuditEntry.event == AuditEvent.LOGIN,
        AuditEntry.at > utc_now() - _RECENT,
    )
    found = db.session.scalars(lately.order_by(AuditEntry.id.desc()).limit(_MAX_SIGN_INS))
    return network() in {network_of(each or "") for each in found}


def sign_out(actor: Actor) -> None:
    """End the session whose token is used. Raises NotFound for a token that is no session."""
    require(actor, Action.USE_ACCOUNT)
    with unit_of_work() as work:
        token = db.session.get(ApiToken, actor.token_id) if actor.token_id is not None else None
        if token is None or not token.is_session:
            raise NotFound("This token is no session. DELETE /tokens/{id} revokes it.")
        token.revoked_at = token.revoked_at or work.at
        audit.log_event(work, actor, AuditEvent.LOGOUT)
