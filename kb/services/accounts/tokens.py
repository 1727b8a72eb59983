"""API tokens: create and list them."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import false, or_, select, true

from kb.domain.audit import AuditEvent
from kb.domain.dates import iso
from kb.domain.permissions import ALL_SCOPES, Action, Actor, Role, Scope, may_in
from kb.errors import FieldError, Forbidden, InvalidInput
from kb.messages import Message
from kb.models import ApiToken, db
from kb.models.base import utc_now
from kb.services.accounts import waiting_sessions
from kb.services.accounts.authentication import PREFIX, digest_of, reauthenticate
from kb.services.accounts.display_names import require_available_name, require_name
from kb.services.accounts.teams import MAIN_TEAM, find_team, find_team_for
from kb.services.core import audit, idempotency
from kb.services.core.authorization import require
from kb.services.core.own_token import own_token
from kb.services.core.system_actors import OPERATOR
from kb.services.core.unit_of_work import unit_of_work
from kb.services.infrastructure.pagination import Page, id_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from kb.models import User
    from kb.services.core.brief_work import Work
    from kb.services.core.unit_of_work import UnitOfWork


class NewToken(NamedTuple):
    """A token that was just created. `secret` is not stored: it is known only now."""

    id: int
    secret: str


def create_team_token(
    name: str,
    role: Role,
    *,
    team: str = MAIN_TEAM,
    scopes: Iterable[Scope] = ALL_SCOPES,
    lifetime: timedelta | None = None,
) -> NewToken:
    """Create a token with a role in a team, as the operator. It never expires without a `lifetime`.

    Raises InvalidInput for an unknown team, or InvalidInput or Conflict for a name that cannot be used.
    """
    with unit_of_work() as work:
        require_available_name(name)
        token, secret = add_token(
            work, name, role=role, team_id=find_team(team).id, scopes=scopes, lifetime=lifetime
        )
        audit.log_event(
            work, OPERATOR, AuditEvent.TOKEN_CREATED, team_id=token.team_id, **audit_fields(token)
        )
        return NewToken(token.id, secret)


def create_user_token(
    user_id: int, name: str, *, scopes: Iterable[Scope] = ALL_SCOPES, lifetime: timedelta | None = None
) -> NewToken:
    """Create a token with the permissions of a user, as the operator. Raises InvalidInput for a bad name."""
    with unit_of_work() as work:
        require_name(name)
        token, secret = add_token(work, name, user_id=user_id, scopes=scopes, lifetime=lifetime)
        audit.log_event(work, OPERATOR, AuditEvent.TOKEN_CREATED, **audit_fields(token))
        return NewToken(token.id, secret)


def create_managed_token(actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """Create a token for the actor, or, with `team` and `role`, for a team that the actor administers.

    It gets no scope that the actor's own token lacks, and does not outlive that token unless that is a
    session. The answer has its `secret`, which is shown only now.
    """
    require(actor, Action.MANAGE_ACCOUNT)
    name, team = data["name"], data.get("team")
    role = Role[data["role"].upper()] if "role" in data else None
    scopes = _granted_scopes(actor, data.get("scopes"))
    _require_team_and_role(team, role)
    with unit_of_work() as work:
        actor = reauthenticate(actor)
        lifetime = timedelta(days=data["days"]) if data["days"] is not None else None
        lifetime = _bounded_lifetime(work, actor, lifetime)
        if team is None and actor.user_id is None:
            raise Forbidden(Message("This token does not belong to a user. Send a team and a role."))
        team_id = None
        if role is not None and team is not None:
            team_id = find_team_for(actor, Action.MANAGE_TEAM, team).id
            if role is Role.SITE_ADMIN:
                require(actor, Action.MANAGE_SITE)
            require_available_name(name)
        else:
            require_name(name)
        token, secret = add_token(
            work,
            name,
            role=role,
            team_id=team_id,
            user_id=actor.user_id if team_id is None else None,
            scopes=scopes,
            lifetime=lifetime,
            creator=actor,
        )
        audit.log_event(work, actor, AuditEvent.TOKEN_CREATED, team_id=team_id, **audit_fields(token))
        return idempotency.store_answer(
            {**_present(token), "secret": secret}, incident_id=None, redact="secret"
        )


def _granted_scopes(actor: Actor, scopes: Iterable[str] | None) -> frozenset[Scope]:
    """The scopes of a new token: those requested, or all of the actor's. Raises InvalidInput for others."""
    if scopes is None:
        return actor.scopes
    granted = frozenset(map(Scope, scopes)) | {Scope.READ}
    if missing := granted - actor.scopes:
        detail = Message("Your own token lacks: {scopes}.", scopes=", ".join(sorted(missing)))
        raise InvalidInput([FieldError("/scopes", detail)], detail)
    return granted


def _require_team_and_role(team: str | None, role: Role | None) -> None:
    if (team is None) != (role is None):
        missing = "/role" if role is None else "/team"
        detail = Message("A team's token needs both `team` and `role`; a token of your own has neither.")
        raise InvalidInput([FieldError(missing, detail)])


def _bounded_lifetime(work: UnitOfWork, actor: Actor, lifetime: timedelta | None) -> timedelta | None:
    """The lifetime of a new token, at most what is left of the actor's own token unless that is a session."""
    own = own_token(actor)
    if own is None or own.is_session or own.expires_at is None:
        return lifetime
    remaining = own.expires_at - work.at
    return remaining if lifetime is None else min(lifetime, remaining)


def add_token(
    work: UnitOfWork,
    name: str,
    *,
    role: Role | None = None,
    team_id: int | None = None,
    user_id: int | None = None,
    scopes: Iterable[Scope] = ALL_SCOPES,
    lifetime: timedelta | None = None,
    creator: Actor = OPERATOR,
) -> tuple[ApiToken, str]:
    """Add a token, either of a user or of a team with a role, to the transaction.

    Returns it with its secret, of which only a digest is stored.
    """
    token, secret = _new_token(work.at, name, creator, scopes=scopes, lifetime=lifetime, user_id=user_id)
    token.role_key, token.team_id, token.is_session = role.key if role else None, team_id, False
    db.session.add(token)
    db.session.flush()
    return token, secret


def add_session(work: Work, actor: Actor, user: User, lifetime: timedelta) -> tuple[ApiToken, str]:
    """Add a session of a user to the transaction. Returns it with its secret."""
    token, secret = _new_token(
        work.at, "session", actor, scopes=ALL_SCOPES, lifetime=lifetime, user_id=user.id
    )
    token.is_session = True
    waiting_sessions.begin_session(work, token, user)
    return token, secret


def _new_token(
    at: datetime,
    name: str,
    creator: Actor,
    *,
    scopes: Iterable[Scope],
    lifetime: timedelta | None,
    user_id: int | None,
) -> tuple[ApiToken, str]:
    """A token that is not stored yet, with its secret."""
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        name=name,
        digest=digest_of(secret),
        user_id=user_id,
        scope_keys=" ".join(sorted({*scopes, Scope.READ})),
        created_by=creator.principal,
        created_at=at,
        expires_at=at + lifetime if lifetime else None,
    )
    return token, secret


def list_tokens() -> list[dict[str, Any]]:
    """All tokens, oldest first. Their secrets are not stored."""
    return [_present(token) for token in db.session.scalars(select(ApiToken).order_by(ApiToken.id))]


def list_managed_tokens(actor: Actor, *, limit: int, cursor: str | None) -> Page:
    """The actor's own tokens, and the tokens of teams that the actor administers, latest first."""
    require(actor, Action.MANAGE_ACCOUNT)
    statement = select(ApiToken).where(managed_by(actor))
    return id_page(statement, ApiToken.id, _present, limit=limit, cursor=cursor)


def list_valid_tokens(actor: Actor, *, limit: int) -> Page:
    """List the tokens of `list_managed_tokens` that are neither revoked nor expired, latest first."""
    require(actor, Action.MANAGE_ACCOUNT)
    is_valid = ApiToken.revoked_at.is_(None) & (
        ApiToken.expires_at.is_(None) | (ApiToken.expires_at > utc_now())
    )
    statement = select(ApiToken).where(managed_by(actor), is_valid)
    return id_page(statement, ApiToken.id, _present, limit=limit, cursor=None)


def managed_by(actor: Actor) -> ColumnElement[bool]:
    """The condition that an actor may list and revoke a token."""
    if actor.sees_everything:
        return true()
    teams = [team for team in actor.roles if may_in(actor, Action.MANAGE_TEAM, team)]
    # A site administrator's token has a team to file for, but that team does not manage it.
    of_teams = ApiToken.team_id.in_(teams) & (ApiToken.role_key != Role.SITE_ADMIN.key)
    own = ApiToken.user_id == actor.user_id if actor.user_id is not None else false()
    return or_(of_teams, own)


def audit_fields(token: ApiToken) -> dict[str, Any]:
    """The details of a token for the audit log."""
    return {
        "token": token.id,
        "name": token.name,
        "role": token.role_key,
        "user": token.user_id,
        "scopes": sorted(token.scopes),
        "expires_at": iso(token.expires_at),
    }


def _present(token: ApiToken) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "role": token.role_key,
        "team": token.team.key if token.team else None,
        "user": token.user.name if token.user else None,
        "scopes": sorted(token.scopes),
        "session": token.is_session,
        "created_by": token.created_by,
        "created_at": _iso_seconds(token.created_at),
        "expires_at": _iso_seconds(token.expires_at),
        "valid": token.is_valid_at(utc_now()),
    }


def _iso_seconds(moment: datetime | None) -> str | None:
    """A time to the second, since fractions would only widen the table of `kb token list`."""
    return None if moment is None else iso(moment.replace(microsecond=0))
