"""Rate limits on guessing passwords and tokens, counted in the database for all workers together."""

from __future__ import annotations

import hashlib
from collections import deque
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import delete, func, insert, select

from kb.errors import StorageFull, Throttled, Unavailable
from kb.messages import counted
from kb.models import FailedAttempt, db
from kb.models.base import utc_now
from kb.services.core.brief_work import brief_work, exclusive_spool
from kb.services.core.spool import waiting
from kb.services.infrastructure.locks import advisory_lock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kb.services.core.brief_work import Work

_RETENTION = timedelta(days=1)

_MAX_SKEW = timedelta(minutes=1)
"""How far the clocks of machines may differ. A failure further in the future predates a clock reset."""

_ATTEMPTS = FailedAttempt.__table__

_not_stored: deque[tuple[str, datetime]] = deque(maxlen=10_000)
"""The keys and times of failures not stored yet, because the disk was full or the database down. They count
in this process."""


class Limit(NamedTuple):
    """At most `max_failures` of one kind within a window."""

    kind: str
    max_failures: int
    window: timedelta


SIGN_IN_BY_ACCOUNT_AND_NETWORK = Limit("sign-in", 5, timedelta(minutes=15))
"""Per account and network."""

SIGN_IN_BY_ACCOUNT = Limit("sign-in-anywhere", 50, timedelta(hours=1))
"""Per account, since one attacker may have many addresses. It does not apply on a network from which the
account has signed in before, so that nobody can lock out others."""

SIGN_IN_BY_NETWORK = Limit("sign-ins-from", 30, timedelta(minutes=15))
"""Per network, since one attacker may try many accounts."""

CURRENT_PASSWORD_BY_USER = Limit("current-password", 10, timedelta(hours=1))
"""Per user, from any network: a stolen token must not serve to guess its owner's password."""

INVALID_TOKEN_BY_NETWORK = Limit("tokens-from", 30, timedelta(minutes=1))
"""Per network. Valid tokens still pass, since they may share the network with an attacker."""


class Attempt(NamedTuple):
    """An attempt that counts as failed until `record_success`."""

    keys: tuple[str, ...]


def count_attempt(*subjects: tuple[Limit, str]) -> Attempt:
    """Count an attempt before it is made, so that concurrent attempts cannot exceed the limits.

    Each limit comes with the account or network that it is for. Raises Throttled, and counts nothing, if one
    of the limits is reached.
    """
    keys = {_key(limit, subject): limit for limit, subject in subjects}
    db.session.rollback()  # an open transaction may be older than what was moved from the spool
    # Checked without a lock first, so that throttled clients do not block other writers.
    _check(keys, utc_now())
    with ExitStack() as until_stored, brief_work() as work:
        # One worker may count in the database while another one counts in the spool.
        until_stored.enter_context(exclusive_spool())
        for key in sorted(keys):
            advisory_lock("rate-limit", key)
        _check(keys, work.at)
        _store(work, [(key, work.at) for key in keys])
    return Attempt(tuple(keys))


def count_failure(limit: Limit, subject: str) -> None:
    """Count a failed attempt.

    If it cannot be stored now, it counts in this process, and is stored with the next failure. Raises
    Throttled, and counts nothing, if the limit is reached.
    """
    key = _key(limit, subject)
    db.session.rollback()  # an open transaction may be older than what was moved from the spool
    _check({key: limit}, utc_now())
    failures = [(key, utc_now())]
    while _not_stored:
        failures.append(_not_stored.popleft())
    try:
        with brief_work() as work:
            _store(work, failures)
    except (Unavailable, StorageFull):
        _not_stored.extend(failures)


def _store(work: Work, failures: Iterable[tuple[str, datetime]]) -> None:
    work.execute(delete(_ATTEMPTS).where(_ATTEMPTS.c.at < work.at - _RETENTION))
    for key, at in failures:
        work.execute(insert(_ATTEMPTS).values(key=key, at=at), key, failed=at.isoformat())


def record_success(work: Work, attempt: Attempt) -> None:
    """Delete a successful attempt and all earlier failures of its first limit."""
    first, *others = attempt.keys
    work.execute(delete(_ATTEMPTS).where(_ATTEMPTS.c.key == first), first, forgiven="all")
    for key in others:
        newest = select(func.max(_ATTEMPTS.c.id)).where(_ATTEMPTS.c.key == key).scalar_subquery()
        work.execute(delete(_ATTEMPTS).where(_ATTEMPTS.c.id == newest), key, forgiven="newest")


def _check(keys: dict[str, Limit], now: datetime) -> None:
    for key, limit in keys.items():
        since, until = now - limit.window, now + _MAX_SKEW
        recent = (
            select(FailedAttempt.at)
            .where(FailedAttempt.key == key, FailedAttempt.at.between(since, until))
            .order_by(FailedAttempt.at.desc())
            .limit(limit.max_failures)
        )
        spooled = waiting(key)  # first, so that attempts stored meanwhile are counted as recent ones
        stored = [*db.session.scalars(recent)][::-1]
        pending = [at for other, at in list(_not_stored) if other == key]
        failures = [at for at in (*_with_spooled(stored, spooled), *pending) if since <= at <= until]
        failures = sorted(failures)[-limit.max_failures :]
        if len(failures) == limit.max_failures:
            seconds = int((failures[0] + limit.window - now).total_seconds()) + 1
            raise Throttled(
                counted(
                    "Too many failed attempts. Try again in {num} second.",
                    "Too many failed attempts. Try again in {num} seconds.",
                    seconds,
                ),
                seconds,
            )


def _with_spooled(failures: list[datetime], spooled: Iterable[Mapping[str, Any]]) -> list[datetime]:
    """The failures, oldest first, including those that wait in the spool."""
    for facts in spooled:
        if "failed" in facts:
            failures.append(datetime.fromisoformat(facts["failed"]))
        elif facts["forgiven"] == "all":
            failures.clear()
        elif failures:
            failures.pop()
    return failures


def _key(limit: Limit, subject: str) -> str:
    return hashlib.sha256(f"{limit.kind}\0{subject}".encode("utf-8", "replace")).hexdigest()
