"""API tokens: made, listed, revoked, and recognized."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from kb.domain.permissions import Actor, Role
from kb.errors import FieldError, InvalidInput, NotAuthenticated, NotFound
from kb.models import ApiToken, db
from kb.models.base import utc_now
from kb.services.runtime import settings
from kb.services.teams import MAIN_TEAM, find_team, require_name
from kb.services.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from datetime import timedelta

PREFIX = "kb_"
SEEDER, IMPORTER, OPERATOR, ANONYMOUS = "seed", "import", "operator", "anonymous"
RESERVED_NAMES = frozenset({SEEDER, IMPORTER, OPERATOR, ANONYMOUS})
"""Authors that are no tokens. That the seeds wrote something must not be said by anybody else."""


class NewToken(NamedTuple):
    """A token that was just made; `secret` is known only now."""

    id: int
    secret: str


def create_token(
    name: str, role: Role, *, team: str = MAIN_TEAM, lifetime: timedelta | None = None
) -> NewToken:
    """Make a token for a team. Raises InvalidInput for an unknown team, or a name that cannot be used."""
    require_name(name)
    if name in RESERVED_NAMES:
        detail = f"The name {name!r} is ours. Choose another."
        raise InvalidInput([FieldError("/name", detail)], detail)
    secret = PREFIX + secrets.token_urlsafe(32)
    with unit_of_work() as work:
        owner = find_team(team)
        token = ApiToken(
            name=name,
            digest=_digest(secret),
            role_key=role.key,
            team_id=owner.id,
            created_at=work.at,
            expires_at=work.at + lifetime if lifetime else None,
        )
        db.session.add(token)
        db.session.flush()
        token_id = token.id
    return NewToken(token_id, secret)


def list_tokens() -> list[dict[str, Any]]:
    """All tokens, without their secrets, which nobody knows."""
    now = utc_now()
    return [
        {
            "id": token.id,
            "name": token.name,
            "role": token.role.key,
            "team": token.team.key,
            "created_at": token.created_at.isoformat(timespec="seconds"),
            "expires_at": token.expires_at.isoformat(timespec="seconds") if token.expires_at else None,
            "valid": token.is_valid_at(now),
        }
        for token in db.session.scalars(select(ApiToken).order_by(ApiToken.id))
    ]


def revoke_token(token_id: int) -> None:
    """Make a token worthless, at once and everywhere. Raises NotFound."""
    with unit_of_work() as work:
        token = db.session.get(ApiToken, token_id)
        if token is None:
            raise NotFound(f"There is no token {token_id}.")
        token.revoked_at = token.revoked_at or work.at


def any_token() -> bool:
    """Whether a token was ever made."""
    return db.session.scalar(select(ApiToken.id).limit(1)) is not None


def anonymous() -> Actor:
    """Who asks without a token; what that is allowed is a setting."""
    role = Role.ANONYMOUS if settings().anonymous == "read" else Role.NOBODY
    return Actor(ANONYMOUS, role)


def authenticate(secret: str) -> Actor:
    """Whom a token speaks for. Raises NotAuthenticated, in the same words for every reason."""
    token = None
    if secret.startswith(PREFIX) and len(secret) < 200 and secret.isascii():
        # Looked up by digest: how long a comparison takes tells nothing about the secret.
        token = db.session.scalar(select(ApiToken).where(ApiToken.digest == _digest(secret)))
    if token is None or not token.is_valid_at(utc_now()):
        raise NotAuthenticated("This token is not valid (any more). Ask an administrator for a new one.")
    return Actor(token.name, token.role, token.team_id, token.id)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
