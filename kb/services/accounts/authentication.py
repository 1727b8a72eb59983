"""Authentication: from a bearer token, or none, to the actor of a request."""

from __future__ import annotations

import hashlib

from sqlalchemy import bindparam, select
from sqlalchemy.orm import lazyload

from kb.domain.permissions import UNSTORED, Actor, Role
from kb.models import ApiToken, Membership, User, db
from kb.models.base import utc_now
from kb.models.prepared_select import PreparedSelect
from kb.services.accounts import rate_limits
from kb.services.accounts.waiting_sessions import find_session
from kb.services.core.brief_work import store_in_background
from kb.services.core.own_token import invalid_token, own_token
from kb.services.core.system_actors import ANONYMOUS_NAME
from kb.services.infrastructure.client_address import network
from kb.services.infrastructure.locks import advisory_lock
from kb.services.infrastructure.runtime import settings

PREFIX = "kb_"
"""Every token begins with it, so that a leaked one is recognized."""

PRIVILEGE_LOCK = "privileges"
"""The scope of the lock under which privileges change, one transaction after another."""

_TOKEN, _USER = "token:", "user:"
"""Prefixes of the principals that are followed by an id (`Actor.principal`)."""

_BY_DIGEST = select(ApiToken).where(ApiToken.digest == bindparam("digest")).options(lazyload(ApiToken.team))
"""Built once, since every request with a user's token executes it."""

_TEAM_COLUMNS = ("id", "name", "role_key", "team_id", "scope_keys", "created_by")
_OF_TEAM = PreparedSelect(
    lambda values: select(*(getattr(ApiToken, name) for name in _TEAM_COLUMNS)).where(
        ApiToken.digest == values[0],
        ApiToken.user_id.is_(None),
        ApiToken.expires_at.is_(None),
        ApiToken.revoked_at.is_(None),
    )
)
"""Selects a team's token that is valid without a look at the clock, as most programs have one: loading it
into the session takes ten times as long."""


def anonymous() -> Actor:
    """The actor of a request without a token; `KB_ANONYMOUS` decides what it may read."""
    role = Role.ANONYMOUS if settings().anonymous == "read" else Role.NOBODY
    return Actor(name=ANONYMOUS_NAME, role=role)


def authenticate(secret: str) -> Actor:
    """The actor that a token belongs to.

    Raises NotAuthenticated with one message for every reason, and Throttled after many invalid tokens.
    """
    token = None
    if secret.startswith(PREFIX) and len(secret) < 200 and secret.isascii():
        token = _find(digest_of(secret))
    if token is None or not is_usable(token):
        rate_limits.count_failure(rate_limits.INVALID_TOKEN_BY_NETWORK, network())
        raise invalid_token()
    return _actor(token)


def _find(digest: str) -> ApiToken | None:
    """The token with this digest, perhaps a session that is still in the spool.

    Looked up by digest, so that the time it takes reveals nothing about the secret.
    """
    waiting = find_session(digest)
    if waiting is None and (rows := _OF_TEAM.rows([digest])):
        return ApiToken(**dict(zip(_TEAM_COLUMNS, rows[0], strict=True)))
    token = db.session.scalar(_BY_DIGEST, {"digest": digest})
    if waiting is None:
        return token
    store_in_background()
    return None if waiting.has_ended else token or waiting.token


def reauthenticate(actor: Actor) -> Actor:
    """Return the actor with its current privileges, which cannot change before the end of the transaction.

    Call it first in every transaction that grants or revokes privileges: a request that was in flight when
    its sender lost a right must not restore it. Such transactions run one after another. Raises
    NotAuthenticated if the token was revoked meanwhile.
    """
    advisory_lock(PRIVILEGE_LOCK)
    if actor.token_id is None:
        return actor
    token = own_token(actor)
    if token is None or not is_usable(token):
        raise invalid_token()
    return _actor(token)


def digest_of(secret: str) -> str:
    """The digest of a token, which is stored in its place."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_usable(token: ApiToken) -> bool:
    """Whether a token is valid and, for a team's token, its creator may still create such a token."""
    if not token.is_valid_at(utc_now()):
        return False
    creator = token.created_by or ""
    if token.team_id is None or not creator.startswith((_TOKEN, _USER)):
        return True
    creator_id = int(creator.partition(":")[2])
    if creator.startswith(_TOKEN):
        parent = db.session.get(ApiToken, creator_id)
        return parent is not None and is_usable(parent)
    user = db.session.get(User, creator_id)
    if user is None or user.disabled_at is not None:
        return False
    if user.site_admin or token.role is Role.SITE_ADMIN:
        return user.site_admin
    membership = db.session.get(Membership, (token.team_id, creator_id))
    return membership is not None and membership.role >= Role.ADMIN


def _actor(token: ApiToken) -> Actor:
    if (user := token.user) is not None:
        return Actor(
            name=user.name,
            role=Role.SITE_ADMIN if user.site_admin else Role.SIGNED_IN,
            roles={membership.team_id: membership.role for membership in user.memberships},
            scopes=token.scopes,
            user_id=user.id,
            token_id=token.id or UNSTORED,
            session=None if token.id else token.digest,
            language=user.language,
            time_zone=user.time_zone,
        )
    assert token.team_id is not None
    assert token.role is not None
    site_admin = token.role is Role.SITE_ADMIN
    return Actor(
        name=token.name,
        role=Role.SITE_ADMIN if site_admin else Role.SIGNED_IN,
        roles={token.team_id: Role.ADMIN if site_admin else token.role},
        scopes=token.scopes,
        token_id=token.id,
    )
