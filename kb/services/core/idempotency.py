"""Idempotency keys: a repeated request is not performed again, but gets the first answer."""

from __future__ import annotations

import logging
import secrets
from collections import deque
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from sqlalchemy import and_, bindparam, delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from kb.domain.permissions import belongs_to
from kb.errors import KBError, KeyReused, NotFound, RequestInFlight
from kb.messages import Message
from kb.models import IdempotencyKey, Incident, db
from kb.models.base import utc_now
from kb.services.core.authorization import visible_to
from kb.services.core.guard_keys import HIDDEN_GUARD, shown_guards
from kb.services.core.incident_lookup import find_incident
from kb.services.core.own_token import own_token_id
from kb.services.core.unit_of_work import unit_of_work
from kb.services.infrastructure.process_identity import LENGTH, has_ended, process_identity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Row

    from kb.domain.permissions import Actor

log = logging.getLogger(__name__)

RETENTION = timedelta(days=1)
"""How long an answer can be replayed."""

CLAIM_TIMEOUT = timedelta(seconds=30)
"""How long until a request in flight counts as abandoned, so that its key may be claimed again. The key of a
process that was killed on this machine is free at once."""

_CLAIM_LENGTH = 32


class Claim(NamedTuple):
    """The right of one attempt to perform the request that a key names."""

    token_id: int
    key: str
    nonce: str


class Subject(NamedTuple):
    """The subject of a stored answer, which decides who may replay it.

    `incident_id` is the incident that the actor must still be able to see, None for an answer about no
    incident; with `internal`, the actor must belong to its team. `related` names lists in the answer whose
    items have an `incident`: incidents that the actor may no longer see are left out, and findings of their
    guards are reduced to severity and span.
    """

    incident_id: int | None
    internal: bool = False
    related: Sequence[str] = ()


class _Attempt:
    """One attempt at the request that a key names, and whether its answer has been stored."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.stored = False


_SUBJECT = "$subject"
"""The key, among the fields of a stored answer, that holds its Subject. No field of the API has this name."""

_unreleased: deque[Claim] = deque(maxlen=1_000)
"""Claims of failed requests that this process could not release because the database was unavailable."""

_current: ContextVar[_Attempt | None] = ContextVar("attempt", default=None)

# Built once, and without the ORM: they run while other writers wait.
_KEYS = IdempotencyKey.__table__
_ITS_KEY = and_(_KEYS.c.token_id == bindparam("its_token"), _KEYS.c.key == bindparam("its_key"))
_CLAIMED = and_(_ITS_KEY, _KEYS.c.claim == bindparam("its_claim"))
_FORGET = delete(_KEYS).where(_KEYS.c.claimed_at < bindparam("before"))
_FIND = select(_KEYS).where(_ITS_KEY).with_for_update()
_ADD = insert(_KEYS)
_REMOVE = delete(_KEYS).where(_ITS_KEY)
_STORE = (
    update(_KEYS)
    .where(_CLAIMED)
    .values(answer=bindparam("new_answer"), claimed_at=bindparam("new_claimed_at"))
)
_RELEASE = delete(_KEYS).where(_CLAIMED, _KEYS.c.answer.is_(None))

Answer = TypeVar("Answer", bound="dict[str, Any]")


def claim(actor: Actor, key: str, fingerprint: str) -> Claim | dict[str, Any]:
    """Claim a key for one attempt, or return the answer that was stored for it.

    Raises RequestInFlight while another attempt is in flight, KeyReused if the key was used with another
    request.
    """
    _release_pending()
    with unit_of_work() as work:
        token_id = own_token_id(actor)
        connection = db.session.connection()
        connection.execute(_FORGET, {"before": work.at - RETENTION})
        its_key = {"its_token": token_id, "its_key": key}
        row = connection.execute(_FIND, its_key).one_or_none()
        if row is not None:
            if row.fingerprint == fingerprint and row.answer is not None:
                return _visible_part(actor, *_load(row.answer))
            _require_free(row, fingerprint, work.at)
            connection.execute(_REMOVE, its_key)
        nonce = f"{process_identity()}{secrets.token_hex((_CLAIM_LENGTH - LENGTH) // 2)}"
        claimed = {"claim": nonce, "fingerprint": fingerprint, "claimed_at": work.at}
        connection.execute(_ADD, {"token_id": token_id, "key": key, **claimed})
        return Claim(token_id, key, nonce)


def _require_free(row: Row[Any], fingerprint: str, now: datetime) -> None:
    """Raise KeyReused for the key of another request, and RequestInFlight while this one may be in flight."""
    if row.fingerprint != fingerprint:
        raise KeyReused(Message("This Idempotency-Key was used with another request. Choose a new one."))
    if _is_in_flight(row, now):
        raise RequestInFlight(
            Message("The first request with this Idempotency-Key is still in flight. Try again shortly."),
            retry_after=ceil((CLAIM_TIMEOUT - abs(now - row.claimed_at)).total_seconds()),
        )


def _is_in_flight(row: Row[Any], now: datetime) -> bool:
    """Whether the request of a key may still be in flight."""
    # `abs`: a claim in the future was made before the clock was set back.
    return abs(now - row.claimed_at) < CLAIM_TIMEOUT and not has_ended(row.claim[:LENGTH])


def _load(stored: dict[str, Any]) -> tuple[dict[str, Any], Subject]:
    answer = {name: value for name, value in stored.items() if name != _SUBJECT}
    return answer, Subject(**stored[_SUBJECT]) if _SUBJECT in stored else _subject_before_0_2(answer)


def _subject_before_0_2(answer: dict[str, Any]) -> Subject:
    """The subject of an answer that version 0.1 stored without one; such answers expire in a day."""
    return Subject(
        incident_id=answer["id"] if "slug" in answer else answer.get("incident"),
        internal=bool(answer.get("internal")),
        related=("likely_duplicates",) if answer.get("likely_duplicates") else (),
    )


def _visible_part(actor: Actor, answer: dict[str, Any], subject: Subject) -> dict[str, Any]:
    """The part of an answer that the actor may still see. Raises NotFound if there is none."""
    if subject.incident_id is not None:
        incident = find_incident(actor, subject.incident_id)
        if subject.internal and not belongs_to(actor, incident.team_id):
            raise NotFound(
                Message("There is no incident {incident_id} in your teams.", incident_id=subject.incident_id)
            )
    # Earlier versions stored a single name; such answers can be replayed for a day.
    names = [subject.related] if isinstance(subject.related, str) else subject.related or ()
    ids = {item["incident"]["id"] for name in names for item in answer[name] if item["incident"]}
    statement = select(Incident.id).where(Incident.id.in_(ids), visible_to(actor))
    hidden = ids - set(db.session.scalars(statement))
    visible: dict[str, Any] = {name: list(_without_hidden(answer[name], hidden)) for name in names}
    if isinstance(guard := answer.get("guard"), str):
        visible["guard"] = shown_guards(actor, [guard])[guard]
    return {**answer, **visible}


def _without_hidden(items: Sequence[dict[str, Any]], hidden: set[int]) -> Iterator[dict[str, Any]]:
    for item in items:
        if item["incident"] is None or item["incident"]["id"] not in hidden:
            yield item
        elif "guard" in item:
            hidden_texts = dict.fromkeys(("message", "suggestion", "lesson", "incident"))
            yield {**item, "guard": HIDDEN_GUARD, **hidden_texts}


@contextmanager
def performing(claim: Claim) -> Iterator[None]:
    """Perform the claimed request in the block, which must store its answer with `store_answer`.

    A request that fails releases its key.
    """
    attempt = _Attempt(claim)
    token = _current.set(attempt)
    try:
        yield
        assert attempt.stored, "every service behind a POST passes its answer through `store_answer`"
    except BaseException:
        release(claim)
        raise
    finally:
        _current.reset(token)


def is_performing() -> bool:
    """Whether the current request has a key, so that its answer must be stored."""
    return _current.get() is not None


def store_answer(
    answer: Answer,
    *,
    incident_id: int | None,
    internal: bool = False,
    related: Sequence[str] = (),
    redact: str | None = None,
) -> Answer:
    """Store the answer to the current request, in the transaction that does the work, and return it.

    Every service behind a POST passes its JSON-ready answer through here, with the fields of its Subject.
    `redact` names a field that is too secret to store: it is null when the answer is replayed. Does nothing
    for a request without a key. Raises RequestInFlight if the claim was lost.
    """
    attempt = _current.get()
    if attempt is None:
        return answer
    stored = {**answer, _SUBJECT: Subject(incident_id, internal, related)._asdict()}
    if redact is not None:
        stored[redact] = None
    values = {**_parameters(attempt.claim), "new_answer": stored, "new_claimed_at": utc_now()}
    if db.session.connection().execute(_STORE, values).rowcount != 1:
        message = Message("Another request with this Idempotency-Key has taken over.")
        raise RequestInFlight(message, retry_after=int(CLAIM_TIMEOUT.total_seconds()))
    attempt.stored = True
    return answer


def release(claim: Claim) -> None:
    """Release the key of a failed request, so that it can be corrected and sent again.

    If the database fails, the key is released before the next claim of this process, or after CLAIM_TIMEOUT.
    """
    try:
        with unit_of_work():
            _delete_unanswered(claim)
    except (KBError, SQLAlchemyError):
        _unreleased.append(claim)
        log.exception("An idempotency key could not be released.")


def _release_pending() -> None:
    """Release the keys that could not be released before. Raises Unavailable if the database is down."""
    if not (pending := [*_unreleased]):
        return
    with unit_of_work():
        for claim in pending:
            _delete_unanswered(claim)
    for claim in pending:
        with suppress(ValueError):  # another thread removed it
            _unreleased.remove(claim)


def _delete_unanswered(claim: Claim) -> None:
    db.session.connection().execute(_RELEASE, _parameters(claim))


def _parameters(claim: Claim) -> dict[str, object]:
    """The parameters of statements on the key that an attempt has claimed."""
    return {"its_token": claim.token_id, "its_key": claim.key, "its_claim": claim.nonce}
