"""Sessions that wait in the spool to be stored: begin, find and end them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import exists, insert, literal, select

from kb.domain.dates import iso
from kb.models import ApiToken, User, db
from kb.services.core.spool import waiting

if TYPE_CHECKING:
    from kb.services.core.brief_work import Work

_TOKENS = ApiToken.__table__

_COLUMNS = {
    "name": "name",
    "digest": "digest",
    "user_id": "user_id",
    "scopes": "scope_keys",
    "is_session": "is_session",
    "created_by": "created_by",
    "created_at": "created_at",
    "expires_at": "expires_at",
}
"""The columns of a session, with the attributes that hold them."""


class WaitingSession(NamedTuple):
    """The spool's record of a token: the session that began with it, unless its user has changed since, and
    whether it has ended."""

    token: ApiToken | None
    has_ended: bool


def begin_session(work: Work, token: ApiToken, user: User) -> None:
    """Store a session, perhaps later, unless its user has changed by then: sessions end with a password,
    which may be changed after it was verified."""
    values = [
        literal(getattr(token, attribute), _TOKENS.c[name].type) for name, attribute in _COLUMNS.items()
    ]
    is_same = exists().where(User.id == user.id, User.version == user.version)
    facts: dict[str, Any] = {attribute: getattr(token, attribute) for attribute in _COLUMNS.values()}
    facts |= {name: iso(facts[name]) for name in ("created_at", "expires_at")}
    work.execute(
        insert(_TOKENS).from_select([*_COLUMNS], select(*values).where(is_same)),
        token.digest,
        token=facts,
        version=user.version,
    )


def end_session(work: Work, digest: str) -> None:
    """End a session, whether it is stored or waits."""
    ended = _TOKENS.update().where(_TOKENS.c.digest == digest, _TOKENS.c.revoked_at.is_(None))
    work.execute(ended.values(revoked_at=work.at), digest, ended=True)


def find_session(digest: str) -> WaitingSession | None:
    """The spool's record of the token with this digest. Call it before reading the stored tokens."""
    if not (facts := waiting(digest)):
        return None
    begun = next((each for each in facts if "token" in each), None)
    token = None if begun is None else _token(begun["token"], begun["version"])
    return WaitingSession(token, any("ended" in each for each in facts))


def _token(values: dict[str, Any], version: int) -> ApiToken | None:
    user = db.session.get(User, values["user_id"])
    if user is None or user.version != version:
        return None
    times = {name: datetime.fromisoformat(values[name]) for name in ("created_at", "expires_at")}
    return ApiToken(**values | times, user=user)
