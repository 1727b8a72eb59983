"""API tokens: made, listed, revoked."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import false, or_, select

from kb.domain.audit import AuditEvent
from kb.domain.dates import iso
from kb.domain.permissions import ALL_SCOPES, Action, Actor, Role, Scope, may_in
from kb.errors import FieldError, Forbidden, InvalidInput, NotFound
from kb.models import ApiToken, db
from kb.models.base import MAX_INTEGER, utc_now
from kb.services.accounts.authentication import PREFIX, digest_of, reauthenticate
from kb.services.accounts.display_names import require_name, require_own_name
from kb.services.accounts.teams import MAIN_TEAM, find_team, find_team_for
from kb.services.core import audit, idempotency
from kb.services.core.authorization import require
from kb.services.core.system_actors import OPERATOR
from kb.services.core.unit_of_work import unit_of_work
from kb.services.infrastructure.pagination import Page, id_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from kb.services.core.unit_of_work import UnitOfWork


class NewToken(NamedTuple):
    """A token that was just made; `secret` is known only now."""

    id: int
    secret: str


def create_token(
    name: str,
    role: Role,
    *,
    team: str = MAIN_TEAM,
    scopes: Iterable[Scope] = ALL_SCOPES,
    lifetime: timedelta | None = None,
) -> NewToken:
    """Make a token for a team, as the machine's operator may.

    Raises InvalidInput for an unknown team, or a name that cannot be used.
    """
    with unit_of_work() as work:
        require_own_name(name)
        token, secret = issue(
            work, name, role=role, team_id=find_team(team).id, scopes=scopes, lifetime=lifetime
        )
        audit.log_event(work, OPERATOR, AuditEvent.TOKEN_CREATED, team_id=token.team_id, **_said(token))
        return NewToken(token.id, secret)


def create_user_token(
    user_id: int, name: str, *, scopes: Iterable[Scope] = ALL_SCOPES, lifetime: timedelta | None = None
) -> NewToken:
    """Make a token that may what a user may, as the machine's operator may."""
    with unit_of_work() as work:
        require_name(name)
        token, secret = issue(work, name, user_id=user_id, scopes=scopes, lifetime=lifetime)
        audit.log_event(work, OPERATOR, AuditEvent.TOKEN_CREATED, **_said(token))
        return NewToken(token.id, secret)


def make_token(actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """Make a token for the actor, or, with `team` and `role`, for a team that the actor administers.

    It gets no scope that the actor's own token lacks, and does not outlive it, unless that is a session. The
    answer has its `secret`, which is shown only now.
    """
    require(actor, Action.MANAGE_ACCOUNT)
    name, team, scopes = data["name"], data.get("team"), data.get("scopes")
    role = Role[data["role"].upper()] if "role" in data else None
    lifetime = timedelta(days=data["days"]) if data["days"] is not None else None
    wanted = actor.scopes if scopes is None else frozenset(map(Scope, scopes)) | {Scope.READ}
    if lacking := wanted - actor.scopes:
        detail = f"Your own token lacks: {', '.join(sorted(lacking))}."
        raise InvalidInput([FieldError("/scopes", detail)], detail)
    if (team is None) != (role is None):
        missing = "/role" if role is None else "/team"
        raise InvalidInput(
            [FieldError(missing, "A token of a team has `team` and `role`, one of your own neither.")]
        )
    with unit_of_work() as work:
        actor = reauthenticate(actor)
        lifetime = _within_own(work, actor, lifetime)
        team_id = None
        if team is None and actor.user_id is None:
            raise Forbidden("This token belongs to no user: name a team, and a role.")
        if role is not None and team is not None:
            team_id = find_team_for(actor, Action.MANAGE_TEAM, team).id
            if role is Role.SITE_ADMIN:
                require(actor, Action.MANAGE_SITE)
            require_own_name(name)
        else:
            require_name(name)
        token, secret = issue(
            work,
            name,
            role=role,
            team_id=team_id,
            user_id=actor.user_id if team_id is None else None,
            scopes=wanted,
            lifetime=lifetime,
            maker=actor,
        )
        audit.log_event(work, actor, AuditEvent.TOKEN_CREATED, team_id=team_id, **_said(token))
        return idempotency.keep({**_view(token), "secret": secret}, incident_id=None, redact="secret")


def issue(
    work: UnitOfWork,
    name: str,
    *,
    role: Role | None = None,
    team_id: int | None = None,
    user_id: int | None = None,
    scopes: Iterable[Scope] = ALL_SCOPES,
    lifetime: timedelta | None = None,
    is_session: bool = False,
    maker: Actor = OPERATOR,
) -> tuple[ApiToken, str]:
    """Make a token within a transaction, and its secret, which is not stored."""
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        name=name,
        digest=digest_of(secret),
        role_key=role.key if role else None,
        team_id=team_id,
        user_id=user_id,
        scope_keys=" ".join(sorted({*scopes, Scope.READ})),
        is_session=is_session,
        created_by=maker.principal,
        created_at=work.at,
        expires_at=work.at + lifetime if lifetime else None,
    )
    db.session.add(token)
    db.session.flush()
    return token, secret


def list_tokens() -> list[dict[str, Any]]:
    """All tokens, without their secrets, which nobody knows."""
    return [_view(token) for token in db.session.scalars(select(ApiToken).order_by(ApiToken.id))]


def own_tokens(actor: Actor, *, limit: int, cursor: str | None) -> Page:
    """The actor's own tokens, and those of the teams that the actor administers; the latest first."""
    require(actor, Action.MANAGE_ACCOUNT)
    return id_page(select(ApiToken).where(_managed_by(actor)), ApiToken.id, _view, limit=limit, cursor=cursor)


def revoke_token(token_id: int) -> None:
    """Make a token worthless, at once and everywhere, as the machine's operator may. Raises NotFound."""
    with unit_of_work() as work:
        reauthenticate(OPERATOR)
        _revoke(work, OPERATOR, db.session.get(ApiToken, token_id), token_id)


def revoke_own_token(actor: Actor, token_id: int) -> None:
    """The same for a token of the actor's, or of a team that the actor administers; what was made with it
    ends with it."""
    require(actor, Action.MANAGE_ACCOUNT)
    with unit_of_work() as work:
        actor = reauthenticate(actor)
        statement = select(ApiToken).where(ApiToken.id == min(token_id, MAX_INTEGER), _managed_by(actor))
        _revoke(work, actor, db.session.scalar(statement), token_id)


def end_sessions(work: UnitOfWork, user_id: int, *, but: int | None = None) -> None:
    """End all sessions of a user within a transaction, but the one that asks for it."""
    statement = select(ApiToken).where(
        ApiToken.user_id == user_id, ApiToken.is_session, ApiToken.revoked_at.is_(None)
    )
    for token in db.session.scalars(statement):
        if token.id != but:
            token.revoked_at = work.at


def revoke_made_by(work: UnitOfWork, actor: Actor, user_id: int, *, team_id: int | None = None) -> None:
    """Within a transaction, revoke the tokens of teams, or of one team, that a user made, or made with one of
    those: whoever leaves may have kept their secrets."""
    for token in _made_by(f"user:{user_id}"):
        if token.team_id is not None and team_id in (None, token.team_id):
            _revoke(work, actor, token, token.id)


def _made_by(maker: str) -> Iterator[ApiToken]:
    """The tokens that a principal made, those that were made with them, and so on."""
    makers, known = [maker], set[int]()
    while makers:
        made = select(ApiToken).where(ApiToken.created_by.in_(makers), ApiToken.id.not_in(known))
        found = list(db.session.scalars(made))
        yield from found
        known.update(token.id for token in found)
        makers = [f"token:{token.id}" for token in found]


def any_token() -> bool:
    """Whether a token was ever made."""
    return db.session.scalar(select(ApiToken.id).limit(1)) is not None


def _within_own(work: UnitOfWork, actor: Actor, lifetime: timedelta | None) -> timedelta | None:
    own = db.session.get(ApiToken, actor.token_id) if actor.token_id is not None else None
    if own is None or own.is_session or own.expires_at is None:
        return lifetime
    left = own.expires_at - work.at
    return left if lifetime is None else min(lifetime, left)


def _managed_by(actor: Actor) -> ColumnElement[bool]:
    if actor.sees_everything:
        return ApiToken.id > 0
    teams = [team for team in actor.roles if may_in(actor, Action.MANAGE_TEAM, team)]
    # A site administrator's token is no business of the team that it files for.
    of_teams = ApiToken.team_id.in_(teams) & (ApiToken.role_key != Role.SITE_ADMIN.key)
    own = ApiToken.user_id == actor.user_id if actor.user_id is not None else false()
    return or_(of_teams, own)


def _revoke(work: UnitOfWork, actor: Actor, token: ApiToken | None, token_id: int) -> None:
    if token is None:
        raise NotFound(f"There is no token {token_id}.")
    for each in (token, *_made_by(f"token:{token.id}")):
        if each.revoked_at is None:
            each.revoked_at = work.at
            audit.log_event(work, actor, AuditEvent.TOKEN_REVOKED, team_id=each.team_id, **_said(each))


def _said(token: ApiToken) -> dict[str, Any]:
    """What the audit log tells of a token."""
    return {
        "token": token.id,
        "name": token.name,
        "role": token.role_key,
        "user": token.user_id,
        "scopes": sorted(token.scopes),
        "expires_at": iso(token.expires_at),
    }


def _view(token: ApiToken) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "role": token.role_key,
        "team": token.team.key if token.team else None,
        "user": token.user.name if token.user else None,
        "scopes": sorted(token.scopes),
        "session": token.is_session,
        "created_by": token.created_by,
        "created_at": _seconds(token.created_at),
        "expires_at": _seconds(token.expires_at),
        "valid": token.is_valid_at(utc_now()),
    }


def _seconds(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment.replace(microsecond=0))
