"""Slowing down who guesses. Failures are counted in the database: all workers count together."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, func, select

from kb.errors import Throttled
from kb.models import FailedAttempt, db
from kb.models.base import utc_now
from kb.services.core.unit_of_work import UnitOfWork, unit_of_work
from kb.services.infrastructure.locks import advisory_lock

if TYPE_CHECKING:
    from datetime import datetime

_RETENTION = timedelta(days=1)


class Limit(NamedTuple):
    """So many failures of one kind, within so long."""

    kind: str
    most: int
    window: timedelta


SIGN_IN_HERE = Limit("sign-in", 5, timedelta(minutes=15))
"""Of one account from one address."""

SIGN_IN_ANYWHERE = Limit("sign-in-anywhere", 50, timedelta(hours=1))
"""Of one account: many addresses may belong to one guesser. It does not hold where the account has signed in
before, so that nobody is locked out by others."""

SIGN_INS_FROM_HERE = Limit("sign-ins-from", 30, timedelta(minutes=15))
"""From one address: one guesser may try many accounts."""

CURRENT_PASSWORD = Limit("current-password", 10, timedelta(hours=1))
"""Of one user, from anywhere: who holds a token of somebody's is not to guess the password with it."""

TOKENS_FROM_HERE = Limit("tokens-from", 30, timedelta(minutes=1))
"""From one address. Who holds a valid token is let through: an address may be shared with a guesser."""


class Attempt(NamedTuple):
    """An attempt that is counted as failed until it has succeeded."""

    keys: tuple[str, ...]


def count_attempt(*tried: tuple[Limit, str]) -> Attempt:
    """Count an attempt before it is made, so that many at once cannot outrun the limits.

    Raises Throttled, and counts nothing, once one of the limits is reached.
    """
    keys = {_key(limit, who): limit for limit, who in tried}
    # Looking takes no lock: who is throttled already does not keep others from writing.
    _check(keys, utc_now())
    db.session.rollback()
    with unit_of_work() as work:
        for key in sorted(keys):
            advisory_lock("rate-limit", key)
        _check(keys, work.at)
        db.session.execute(delete(FailedAttempt).where(FailedAttempt.at < work.at - _RETENTION))
        db.session.add_all(FailedAttempt(key=key, at=work.at) for key in keys)
    return Attempt(tuple(keys))


def succeeded(_work: UnitOfWork, attempt: Attempt) -> None:
    """Forget, within a transaction, what was counted for an attempt that succeeded, and for its first key."""
    first, *others = attempt.keys
    db.session.execute(delete(FailedAttempt).where(FailedAttempt.key == first))
    for key in others:
        newest = select(func.max(FailedAttempt.id)).where(FailedAttempt.key == key).scalar_subquery()
        db.session.execute(delete(FailedAttempt).where(FailedAttempt.id == newest))


def _check(keys: dict[str, Limit], now: datetime) -> None:
    for key, limit in keys.items():
        recent = (
            select(FailedAttempt.at)
            .where(FailedAttempt.key == key, FailedAttempt.at > now - limit.window)
            .order_by(FailedAttempt.at.desc())
            .limit(limit.most)
        )
        moments = list(db.session.scalars(recent))
        if len(moments) == limit.most:
            seconds = int((moments[-1] + limit.window - now).total_seconds()) + 1
            raise Throttled(f"Too many attempts have failed. Try again in {seconds} seconds.", seconds)


def _key(limit: Limit, who: str) -> str:
    return hashlib.sha256(f"{limit.kind}\0{who}".encode("utf-8", "replace")).hexdigest()
