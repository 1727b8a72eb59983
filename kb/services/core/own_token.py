"""The stored token of an actor.

A session may still be in the spool while its token is in use. A unit of work first stores the entries of the
spool, so within one the token of every actor is found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from kb.errors import NotAuthenticated
from kb.messages import Message
from kb.models import ApiToken, db

if TYPE_CHECKING:
    from kb.domain.permissions import Actor


def own_token(actor: Actor) -> ApiToken | None:
    """The token that an actor has sent; None for a command, and for a session that is not stored."""
    if actor.session is not None:
        return db.session.scalar(select(ApiToken).where(ApiToken.digest == actor.session))
    return None if actor.token_id is None else db.session.get(ApiToken, actor.token_id)


def own_token_id(actor: Actor) -> int:
    """The id of the token that an actor has sent. Raises NotAuthenticated if it is not stored."""
    if actor.session is not None:
        token_id = db.session.scalar(select(ApiToken.id).where(ApiToken.digest == actor.session))
    else:
        token_id = actor.token_id
    if token_id is None:
        raise invalid_token()
    return token_id


def invalid_token() -> NotAuthenticated:
    """The error for every token that cannot be used, whatever the reason."""
    return NotAuthenticated(
        Message("This token is invalid, expired or revoked. Sign in again, or ask for a new one.")
    )
