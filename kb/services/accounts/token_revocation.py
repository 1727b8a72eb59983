"""Revoke tokens, with all tokens that were created with them, and end sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from kb.domain.audit import AuditEvent
from kb.domain.permissions import Action, Actor
from kb.errors import Forbidden, NotFound
from kb.messages import Message
from kb.models import ApiToken, db
from kb.models.base import MAX_INTEGER
from kb.services.accounts.authentication import reauthenticate
from kb.services.accounts.tokens import audit_fields, managed_by
from kb.services.core import audit
from kb.services.core.authorization import require
from kb.services.core.system_actors import OPERATOR
from kb.services.core.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Select

    from kb.services.core.unit_of_work import UnitOfWork


def revoke_token(token_id: int) -> None:
    """Revoke any token, as the operator, with the tokens that were created with it. Raises NotFound."""
    with unit_of_work() as work:
        reauthenticate(OPERATOR)
        _revoke(work, OPERATOR, db.session.get(ApiToken, token_id), token_id)


def revoke_managed_token(actor: Actor, token_id: int) -> None:
    """Revoke a token of the actor, or of a team that the actor administers, with the tokens that were created
    with it. Raises NotFound for any other token."""
    require(actor, Action.MANAGE_ACCOUNT)
    with unit_of_work() as work:
        actor = reauthenticate(actor)
        statement = select(ApiToken).where(ApiToken.id == min(token_id, MAX_INTEGER), managed_by(actor))
        _revoke(work, actor, db.session.scalar(statement), token_id)


def end_other_sessions(actor: Actor) -> None:
    """End the sessions of the actor's user, except the one that asks. Raises Forbidden for a team's token."""
    require(actor, Action.MANAGE_ACCOUNT)
    if actor.user_id is None:
        raise Forbidden(Message("This token belongs to a team, not to a user."))
    with unit_of_work() as work:
        actor = reauthenticate(actor)
        sessions = _sessions_of(actor.user_id).where(ApiToken.expires_at > work.at)
        for token in db.session.scalars(sessions):
            if token.id != actor.token_id:
                _revoke(work, actor, token, token.id)


def revoke_tokens_created_by(
    work: UnitOfWork, actor: Actor, user_id: int, *, team_id: int | None = None
) -> None:
    """Revoke, within a transaction, the tokens of teams, or of one team, that a user created directly or with
    another token: someone who leaves may have kept their secrets."""
    for token in _created_by(f"user:{user_id}"):
        if token.team_id is not None and team_id in (None, token.team_id):
            _revoke(work, actor, token, token.id)


def end_sessions(work: UnitOfWork, user_id: int, *, keep: int | None) -> None:
    """Revoke, within a transaction, the tokens of a user's sessions, except the token with the id `keep`."""
    for token in db.session.scalars(_sessions_of(user_id)):
        if token.id != keep:
            token.revoked_at = work.at


def _sessions_of(user_id: int | None) -> Select[ApiToken]:
    return select(ApiToken).where(
        ApiToken.user_id == user_id, ApiToken.is_session, ApiToken.revoked_at.is_(None)
    )


def _revoke(work: UnitOfWork, actor: Actor, token: ApiToken | None, token_id: int) -> None:
    if token is None:
        raise NotFound(Message("There is no token {token_id}.", token_id=token_id))
    for descendant in (token, *_created_by(f"token:{token.id}")):
        if descendant.revoked_at is None:
            descendant.revoked_at = work.at
            audit.log_event(
                work, actor, AuditEvent.TOKEN_REVOKED, team_id=descendant.team_id, **audit_fields(descendant)
            )


def _created_by(principal: str) -> Iterator[ApiToken]:
    """The tokens that a principal created, the tokens created with them, and so on."""
    creators, seen = [principal], set[int]()
    while creators:
        statement = select(ApiToken).where(ApiToken.created_by.in_(creators), ApiToken.id.not_in(seen))
        created = list(db.session.scalars(statement))
        yield from created
        seen.update(token.id for token in created)
        creators = [f"token:{token.id}" for token in created]
