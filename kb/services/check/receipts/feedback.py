"""Findings reported as not a problem: each becomes a good example, offered to the guard's owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.domain.dates import iso
from kb.domain.guard import OfferStatus
from kb.domain.permissions import Action, Actor
from kb.errors import Conflict, NotFound
from kb.guards.definition import draft_data
from kb.messages import Message
from kb.models import CheckFeedback, db
from kb.services.check.receipts.overrides import require_answerer
from kb.services.check.receipts.presenter import printable
from kb.services.check.receipts.rows import draft_of, links_of, text_of
from kb.services.core import idempotency
from kb.services.core.authorization import require
from kb.services.core.check_access import find_check
from kb.services.core.guard_keys import shown_guards
from kb.services.core.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from collections.abc import Mapping


def call_harmless(actor: Actor, check_id: int, number: int, data: Mapping[str, Any]) -> dict[str, Any]:
    """Offer the draft of a check to the guard that found something in it, as a harmless example.

    `number` counts the findings from 1. The text, the kept one or else `data["text"]`, is shown to the
    guard's owner. Raises NotFound, Forbidden, Conflict if it was already offered, or InvalidInput if the
    text is not the one that was checked.
    """
    require(actor, Action.ANSWER_CHECK)
    with unit_of_work() as work:
        check = find_check(actor, check_id, for_update=True)
        require_answerer(actor, check)
        if not 1 <= number <= len(check.findings):
            raise NotFound(
                Message("Check {check_id} has no finding {number}.", check_id=check_id, number=number)
            )
        if db.session.scalar(select(CheckFeedback.id).filter_by(check_id=check_id, number=number)):
            raise Conflict(Message("This draft was offered to the guard already."))
        draft = draft_of(check, text_of(check, data), links_of(check, data))
        offer = CheckFeedback(
            check_id=check.id,
            number=number,
            guard=check.findings[number - 1]["guard"],
            example=draft_data(draft),
            author=actor.name,
            principal=actor.principal,
            reason=data.get("reason") or None,
            at=work.at,
            status=OfferStatus.OPEN,
        )
        db.session.add(offer)
        db.session.flush()
        shown = {**present_offer(offer), "guard": shown_guards(actor, [offer.guard])[offer.guard]}
        return idempotency.store_answer(shown, incident_id=None)


def present_offer(offer: CheckFeedback) -> dict[str, Any]:
    """An offered example in JSON form."""
    return {
        "id": offer.id,
        "guard": offer.guard,
        "check": offer.check_id,
        "finding": offer.number,
        "example": {**offer.example, "text": printable(offer.example["text"])},
        "author": offer.author,
        "reason": offer.reason,
        "at": iso(offer.at),
        "status": offer.status,
        "decided_at": iso(offer.decided_at),
        "decided_by": offer.decided_by,
    }
