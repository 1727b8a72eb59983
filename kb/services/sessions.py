"""Signing in and out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from kb.domain.dates import iso
from kb.domain.incident import AuditEvent
from kb.domain.permissions import Action, Actor, Role
from kb.errors import NotAuthenticated, NotFound
from kb.models import ApiToken, User, db
from kb.services import audit, throttle, tokens
from kb.services.access import require
from kb.services.names import ANONYMOUS
from kb.services.passwords import is_right
from kb.services.unit_of_work import unit_of_work

LIFETIME = timedelta(hours=12)
"""How long one stays signed in."""


def sign_in(email: str, password: str) -> dict[str, Any]:
    """A token for a user who knows the password, for a day's work.

    Raises NotAuthenticated, in the same words and after the same time for whatever is wrong, and Throttled
    after several failures.
    """
    email, here = email.strip().lower(), throttle.here()
    attempt = throttle.count_attempt(
        (throttle.SIGN_IN_HERE, f"{email} {here}"),
        (throttle.SIGN_IN_ANYWHERE, email),
        (throttle.SIGN_INS_FROM_HERE, here),
    )
    user = db.session.scalar(select(User).where(User.email == email))
    known = user.password_hash if user is not None and user.disabled_at is None else None
    user_id = user.id if user is not None else None
    db.session.rollback()
    right = is_right(password, known)
    with unit_of_work() as work:
        user = db.session.get(User, user_id, with_for_update=True) if user_id is not None else None
        # The password may have been changed while it was looked at.
        right = right and user is not None and user.password_hash == known and user.disabled_at is None
        if user is not None:
            who = Actor(name=user.name if right else ANONYMOUS, role=Role.SIGNED_IN, user_id=user.id)
            event = AuditEvent.LOGIN if right else AuditEvent.LOGIN_FAILED
            audit.note(work, who, event, user=user.id, name=user.name)
        if right and user is not None:
            throttle.succeeded(work, attempt)
            token, secret = tokens.issue(work, "session", user_id=user.id, lifetime=LIFETIME, is_session=True)
            return {
                "token": secret,
                "expires_at": iso(token.expires_at),
                "user": user.name,
                "language": user.language,
                "time_zone": user.time_zone,
            }
    raise NotAuthenticated("No user has this address and this password.")


def sign_out(actor: Actor) -> None:
    """End the session whose token is used. Raises NotFound for a token that is no session."""
    require(actor, Action.USE_ACCOUNT)
    with unit_of_work() as work:
        token = db.session.get(ApiToken, actor.token_id) if actor.token_id is not None else None
        if token is None or not token.is_session:
            raise NotFound("This token is no session. DELETE /tokens/{id} revokes it.")
        token.revoked_at = token.revoked_at or work.at
        audit.note(work, actor, AuditEvent.LOGOUT)
