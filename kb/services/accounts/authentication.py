"""Who a request comes from: whom its token speaks for, or nobody in particular."""

from __future__ import annotations

import hashlib

from sqlalchemy import select

from kb.domain.permissions import Actor, Role
from kb.errors import NotAuthenticated
from kb.models import ApiToken, Membership, User, db
from kb.models.base import utc_now
from kb.services.accounts import rate_limits
from kb.services.core.system_actors import ANONYMOUS_NAME
from kb.services.infrastructure.client_address import network
from kb.services.infrastructure.locks import advisory_lock
from kb.services.infrastructure.runtime import settings

PREFIX = "kb_"

PRIVILEGE_LOCK = "privileges"
"""The scope of the lock that changes of privileges take, so that they happen one after another."""

_TOKEN, _USER = "token:", "user:"


def anonymous() -> Actor:
    """Who asks without a token; what that is allowed is a setting."""
    role = Role.ANONYMOUS if settings().anonymous == "read" else Role.NOBODY
    return Actor(name=ANONYMOUS_NAME, role=role)


def authenticate(secret: str) -> Actor:
    """Whom a token speaks for. Raises NotAuthenticated, in the same words for every reason, and Throttled
    for who guesses."""
    token = None
    if secret.startswith(PREFIX) and len(secret) < 200 and secret.isascii():
        # Looked up by digest: how long a comparison takes tells nothing about the secret.
        token = db.session.scalar(select(ApiToken).where(ApiToken.digest == digest_of(secret)))
    if token is None or not is_usable(token):
        rate_limits.count_attempt((rate_limits.TOKENS_FROM_HERE, network()))
        raise _not_valid()
    return _actor(token)


def reauthenticate(actor: Actor) -> Actor:
    """Who asks, as it stands in the transaction that has begun; until its end nobody takes that away.

    For what gives power, or takes it: a request that was under way when its sender lost the right must not
    give it back. One such transaction follows the other. Raises NotAuthenticated.
    """
    advisory_lock(PRIVILEGE_LOCK)
    if actor.token_id is None:
        return actor
    token = db.session.get(ApiToken, actor.token_id)
    if token is None or not is_usable(token):
        raise _not_valid()
    return _actor(token)


def digest_of(secret: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_usable(token: ApiToken) -> bool:
    """Whether a token opens anything: of a team's, whoever made it must still be one who could."""
    if not token.is_valid_at(utc_now()):
        return False
    maker = token.created_by or ""
    if token.team_id is None or not maker.startswith((_TOKEN, _USER)):
        return True
    number = int(maker.partition(":")[2])
    if maker.startswith(_TOKEN):
        parent = db.session.get(ApiToken, number)
        return parent is not None and is_usable(parent)
    user = db.session.get(User, number)
    if user is None or user.disabled_at is not None:
        return False
    if user.site_admin or token.role is Role.SITE_ADMIN:
        return user.site_admin
    membership = db.session.get(Membership, (token.team_id, number))
    return membership is not None and membership.role >= Role.ADMIN


def _not_valid() -> NotAuthenticated:
    return NotAuthenticated("This token is not valid (any more). Sign in again, or ask for a new one.")


def _actor(token: ApiToken) -> Actor:
    if (user := token.user) is not None:
        return Actor(
            name=user.name,
            role=Role.SITE_ADMIN if user.site_admin else Role.SIGNED_IN,
            roles={membership.team_id: membership.role for membership in user.memberships},
            scopes=token.scopes,
            user_id=user.id,
            token_id=token.id,
            language=user.language,
            time_zone=user.time_zone,
        )
    assert token.team_id is not None
    assert token.role is not None
    everywhere = token.role is Role.SITE_ADMIN
    return Actor(
        name=token.name,
        role=Role.SITE_ADMIN if everywhere else Role.SIGNED_IN,
        roles={token.team_id: Role.ADMIN if everywhere else token.role},
        scopes=token.scopes,
        token_id=token.id,
    )
