"""A request with a client's key happens once; sent again, it gets the first one's answer."""

from __future__ import annotations

import logging
import secrets
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from sqlalchemy import delete, select, update
from sqlalchemy.exc import SQLAlchemyError

from kb.domain.permissions import belongs_to
from kb.errors import Conflict, KBError, KeyReused, NotFound
from kb.models import IdempotencyKey, Incident, db
from kb.models.base import utc_now
from kb.services.core.authorization import visible_to
from kb.services.core.incident_lookup import find_incident
from kb.services.core.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.domain.permissions import Actor

log = logging.getLogger(__name__)

RETENTION = timedelta(days=1)
"""How long an answer is kept."""

CLAIM_TIMEOUT = timedelta(seconds=30)
"""After how long a request in flight is taken to have died, so that its key may be used again."""


class Claim(NamedTuple):
    """The right to do what a key names, for one attempt."""

    token_id: int
    key: str
    claim: str


class _Attempt:
    """One attempt at what a key names, and whether its answer has been kept."""

    def __init__(self, claimed: Claim) -> None:
        self.claimed = claimed
        self.kept = False


_current: ContextVar[_Attempt | None] = ContextVar("attempt", default=None)

Answer = TypeVar("Answer", bound="dict[str, Any]")


def claim(actor: Actor, key: str, fingerprint: str) -> Claim | dict[str, Any]:
    """Claim a key for one attempt, or get the answer that was given before.

    Raises Conflict while another attempt is in flight, KeyReused when the key named another request.
    """
    assert actor.token_id is not None
    with unit_of_work() as work:
        db.session.execute(delete(IdempotencyKey).where(IdempotencyKey.claimed_at < work.at - RETENTION))
        row = db.session.get(IdempotencyKey, (actor.token_id, key), with_for_update=True)
        if row is None:
            row = IdempotencyKey(token_id=actor.token_id, key=key)
            db.session.add(row)
        elif row.fingerprint != fingerprint:
            raise KeyReused("This Idempotency-Key was used with another request. Choose a new one.")
        elif row.answer is not None:
            return _as_visible(actor, row.answer)
        elif row.claimed_at > work.at - CLAIM_TIMEOUT:
            raise Conflict(
                "The first request with this Idempotency-Key is still in flight. Try again shortly."
            )
        row.fingerprint, row.claim, row.claimed_at = fingerprint, secrets.token_hex(16), work.at
        return Claim(actor.token_id, key, row.claim)


def _as_visible(actor: Actor, answer: dict[str, Any]) -> dict[str, Any]:
    """An answer as far as the actor still sees what it tells of. Raises NotFound where that is nothing."""
    incident_id = answer["id"] if "slug" in answer else answer.get("incident")
    if incident_id is not None:
        incident = find_incident(actor, incident_id)
        if answer.get("internal") and not belongs_to(actor, incident.team_id):
            raise NotFound(f"There is no incident {incident_id} of yours.")
    if offered := answer.get("likely_duplicates"):
        ids = select(Incident.id).where(
            Incident.id.in_([each["incident"]["id"] for each in offered]), visible_to(actor)
        )
        seen = set(db.session.scalars(ids))
        offered = [each for each in offered if each["incident"]["id"] in seen]
        return {**answer, "likely_duplicates": offered}
    return answer


@contextmanager
def working_on(claimed: Claim) -> Iterator[None]:
    """While the request is worked on, `keep` keeps its answer; one that fails gives its key back."""
    attempt = _Attempt(claimed)
    token = _current.set(attempt)
    try:
        yield
        assert attempt.kept, "every service behind a POST keeps its answer"
    except BaseException:
        release(claimed)
        raise
    finally:
        _current.reset(token)


def keep(answer: Answer, *, without: str | None = None) -> Answer:
    """Keep the answer of the request that is worked on, in the transaction that does the work.

    Every service behind a POST passes its answer, as JSON can hold it, through here; `without` names what is
    too secret to be kept, and is null when the answer is given again. Raises Conflict if the claim was lost.
    """
    attempt = _current.get()
    if attempt is None:
        return answer
    attempt.kept, claimed = True, attempt.claimed
    kept = answer if without is None else {**answer, without: None}
    result = db.session.execute(
        update(IdempotencyKey).where(*_is(claimed)).values(answer=kept, claimed_at=utc_now())
    )
    if result.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict("Another request with this Idempotency-Key has taken over.")
    return answer


def release(claimed: Claim) -> None:
    """Give a key back after a request that failed, so that it can be corrected and sent again.

    Where the database does not let us, the key comes free once it counts as abandoned.
    """
    try:
        with unit_of_work():
            db.session.execute(delete(IdempotencyKey).where(*_is(claimed), IdempotencyKey.answer.is_(None)))
    except (KBError, SQLAlchemyError):
        log.exception("An idempotency key could not be given back.")


def _is(claimed: Claim) -> tuple[Any, ...]:
    return (
        IdempotencyKey.token_id == claimed.token_id,
        IdempotencyKey.key == claimed.key,
        IdempotencyKey.claim == claimed.claim,
    )
