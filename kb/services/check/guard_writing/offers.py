"""Examples offered to guards: owners list them, and accept, take over or decline each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import String, cast, func, literal, select

from kb.domain.guard import LESSON_PREFIX, OfferStatus
from kb.domain.permissions import Action, Actor, may_in
from kb.errors import Conflict, Forbidden, NotFound
from kb.guards.definition import to_data, to_guard
from kb.messages import Message, word
from kb.models import CheckFeedback, Incident, Lesson, db
from kb.models.base import MAX_INTEGER
from kb.services.check.guard_listing import get_guard
from kb.services.check.guard_writing.attaching import put_guard
from kb.services.check.receipts.feedback import present_offer
from kb.services.core import idempotency
from kb.services.core.authorization import require
from kb.services.core.incident_lookup import find_in_team
from kb.services.core.unit_of_work import unit_of_work
from kb.services.infrastructure.pagination import Page, id_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement

    from kb.domain.guard import Guard
    from kb.services.core.write_result import WriteResult


def list_offers(
    actor: Actor, guard: str, *, status: OfferStatus | None, limit: int, cursor: str | None
) -> Page:
    """List the examples offered to a guard, latest first, for its owner.

    A lesson's guard belongs to the team of its incident, any other to site administrators. Raises NotFound or
    Forbidden.
    """
    require(actor, Action.READ_TEAM)
    _require_owner(actor, Action.READ_TEAM, guard)
    statement = select(CheckFeedback).where(CheckFeedback.guard == guard)
    if status is not None:
        statement = statement.where(CheckFeedback.status == status)
    return id_page(statement, CheckFeedback.id, present_offer, limit=limit, cursor=cursor)


def list_open_offers(actor: Actor, *, limit: int, cursor: str | None) -> Page:
    """List the open offers that the actor may decide, to any guard, latest first.

    An editor decides those to guards of lessons of own incidents; site administrators decide all.
    """
    require(actor, Action.READ_TEAM)
    statement = select(CheckFeedback).where(*_open_to(actor))
    return id_page(statement, CheckFeedback.id, present_offer, limit=limit, cursor=cursor)


def count_open_offers(actor: Actor, guard: str | None = None) -> int:
    """Return how many open offers the actor may decide: to one guard, or to any."""
    require(actor, Action.READ_TEAM)
    statement = select(func.count()).select_from(CheckFeedback).where(*_open_to(actor))
    if guard is not None:
        statement = statement.where(CheckFeedback.guard == guard)
    return db.session.scalar(statement) or 0


def decide_offer(actor: Actor, guard: str, offer_id: int, data: Mapping[str, Any]) -> dict[str, Any]:
    """Accept, take over or decline an offered example, as `data["status"]` says.

    An accepted one becomes a good example of the lesson's guard, or of `data["guard"]`, which replaces it: a
    guard that still finds something in the example is refused. Like any change, that may become a proposal. A
    guard of no lesson is changed in its file; then the offer is taken over. All open offers of the same text
    to the guard get the same answer, unless it is declined. Raises NotFound, Forbidden, InvalidInput, or
    Conflict for a decided offer and for an answer that does not apply to the guard.
    """
    require(actor, Action.EDIT)
    incident = _require_owner(actor, Action.EDIT, guard)
    incident_id = None if incident is None else incident.id
    status = OfferStatus(data["status"])
    offer = _open_offer(guard, offer_id)
    proposal = None
    if status is OfferStatus.ACCEPTED:
        if incident is None:
            raise Conflict(
                Message(
                    "This guard belongs to no lesson. Download its offers as YAML, add them to its file, and "
                    "answer that they are taken over."
                )
            )
        result = _add_example(actor, guard, offer.example, data.get("guard"))
        proposal = None if result.proposal is None else result.proposal["id"]
    elif status is OfferStatus.TAKEN_OVER and incident is not None:
        raise Conflict(
            Message("This guard belongs to a lesson. Accept the offer, and it becomes an example.")
        )
    with unit_of_work() as work:
        others = [] if status is OfferStatus.DECLINED else _lock_open_offers(guard)
        offer = _open_offer(guard, offer_id)
        same = [other for other in others if other.example["text"] == offer.example["text"]]
        for each in {offer, *same}:
            each.status, each.decided_at, each.decided_by = status, work.at, actor.name
        db.session.flush()
        answer = {**present_offer(offer), "proposal": proposal}
        return idempotency.store_answer(answer, incident_id=incident_id, internal=incident_id is not None)


def guard_with_offer(actor: Actor, guard: str, offer_id: int) -> Guard:
    """Return a guard with an offered example among its good ones, which it may still find.

    Raises NotFound, Forbidden, or Conflict for a decided offer and a lesson without a guard.
    """
    require(actor, Action.EDIT)
    incident = _require_owner(actor, Action.EDIT, guard)
    example = _open_offer(guard, offer_id).example
    if incident is not None:
        return to_guard(guard, _with_example(_lesson_guard(guard), example))
    listed = get_guard(actor, guard).guard
    return to_guard(guard, _with_example(to_data(listed), example))


def own_lesson_guard(actor: Actor, guard: str) -> Guard:
    """Return the guard of a lesson that the actor may edit, published or not.

    Raises NotFound, also for a lesson without a guard, and Forbidden.
    """
    require(actor, Action.EDIT)
    _require_owner(actor, Action.EDIT, guard)
    try:
        return to_guard(guard, _lesson_guard(guard))
    except Conflict as error:
        raise NotFound(Message("There is no guard {guard!r}.", guard=guard)) from error


def _open_to(actor: Actor) -> list[ColumnElement[bool]]:
    """The conditions of open offers that an actor may decide."""
    conditions = [CheckFeedback.status == OfferStatus.OPEN]
    if not actor.sees_everything:
        teams = [team for team in actor.roles if may_in(actor, Action.EDIT, team)]
        lessons = select(literal(LESSON_PREFIX) + cast(Lesson.id, String))
        own = lessons.join(Incident, Incident.id == Lesson.incident_id).where(Incident.team_id.in_(teams))
        conditions.append(CheckFeedback.guard.in_(own))
    return conditions


def _require_owner(actor: Actor, action: Action, guard: str) -> Incident | None:
    """The incident that a guard belongs to, if any. Raises NotFound or Forbidden unless the actor owns it."""
    if not guard.startswith(LESSON_PREFIX):
        if actor.sees_everything:
            return None
        raise Forbidden(Message("Offers to a guard of no lesson are for site administrators."))
    number = guard.removeprefix(LESSON_PREFIX)
    lesson = None
    if number.isascii() and number.isdigit():
        lesson = db.session.get(Lesson, min(int(number), MAX_INTEGER))
    if lesson is None:
        raise NotFound(Message("There is no guard {guard!r}.", guard=guard))
    try:
        return find_in_team(actor, action, lesson.incident_id)
    except NotFound as error:
        # Name the guard, since the actor must not learn of its incident.
        raise NotFound(Message("There is no guard {guard!r}.", guard=guard)) from error


def _open_offer(guard: str, offer_id: int) -> CheckFeedback:
    offer = db.session.get(CheckFeedback, min(offer_id, MAX_INTEGER), with_for_update=True)
    if offer is None or offer.guard != guard:
        raise NotFound(
            Message("The guard {guard!r} has no offer {offer_id}.", guard=guard, offer_id=offer_id)
        )
    if offer.status is not OfferStatus.OPEN:
        raise Conflict(Message("This offer was {status} already.", status=word(offer.status)))
    return offer


def _lock_open_offers(guard: str) -> list[CheckFeedback]:
    """The open offers to a guard, locked in order, so that two decisions at once cannot deadlock."""
    is_open = (CheckFeedback.guard == guard, CheckFeedback.status == OfferStatus.OPEN)
    statement = select(CheckFeedback).where(*is_open).order_by(CheckFeedback.id).with_for_update()
    return [*db.session.scalars(statement)]


def _add_example(
    actor: Actor, guard: str, example: Mapping[str, Any], replacement: Mapping[str, Any] | None
) -> WriteResult:
    """Add an example to the guard of a lesson, or to its `replacement`, through a change of the incident."""
    data = replacement or _lesson_guard(guard)
    return put_guard(actor, int(guard.removeprefix(LESSON_PREFIX)), _with_example(data, example))


def _lesson_guard(guard: str) -> Mapping[str, Any]:
    """The data of a lesson's guard. Raises Conflict without one."""
    data = db.session.get_one(Lesson, int(guard.removeprefix(LESSON_PREFIX))).guard
    if data is None:
        raise Conflict(Message("This lesson has no guard any more. Decline the offer, or send a `guard`."))
    return data


def _with_example(guard: Mapping[str, Any], example: Mapping[str, Any]) -> dict[str, Any]:
    examples = guard["examples"]
    good = [item for item in examples["good"] if item["text"] != example["text"]]
    return {**guard, "examples": {**examples, "good": [*good, {**example}]}}
