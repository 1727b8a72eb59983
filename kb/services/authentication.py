"""Who a request comes from: whom its token speaks for, or nobody in particular."""

from __future__ import annotations

from sqlalchemy import select

from kb.domain.permissions import Actor, Role
from kb.errors import NotAuthenticated
from kb.models import ApiToken, db
from kb.models.base import utc_now
from kb.services import throttle
from kb.services.names import ANONYMOUS
from kb.services.requester import network
from kb.services.runtime import settings
from kb.services.tokens import PREFIX, digest_of


def anonymous() -> Actor:
    """Who asks without a token; what that is allowed is a setting."""
    role = Role.ANONYMOUS if settings().anonymous == "read" else Role.NOBODY
    return Actor(name=ANONYMOUS, role=role)


def authenticate(secret: str) -> Actor:
    """Whom a token speaks for. Raises NotAuthenticated, in the same words for every reason, and Throttled
    for who guesses."""
    token = None
    if secret.startswith(PREFIX) and len(secret) < 200 and secret.isascii():
        # Looked up by digest: how long a comparison takes tells nothing about the secret.
        token = db.session.scalar(select(ApiToken).where(ApiToken.digest == digest_of(secret)))
    if token is None or not token.is_valid_at(utc_now()):
        throttle.count_attempt((throttle.TOKENS_FROM_HERE, network()))
        raise NotAuthenticated("This token is not valid (any more). Sign in again, or ask for a new one.")
    return _actor(token)


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
