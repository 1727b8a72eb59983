"""The check that had passed the post of an incident, which the incident may refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.incident import Operation
from kb.domain.permissions import Action, may_in
from kb.errors import FieldError, InvalidInput, NotFound
from kb.messages import message_of
from kb.models import Check, db
from kb.services.core.check_access import find_check, may_see_check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.domain.permissions import Actor
    from kb.models import Incident
    from kb.services.core.unit_of_work import UnitOfWork


def check_id_in(actor: Actor, data: Mapping[str, Any]) -> int | None:
    """The id of the check that an input names, if any.

    Raises InvalidInput for one that the actor may not see.
    """
    check_id: int | None = data.get("passed_check")
    if check_id is not None:
        try:
            # Lock it, so that it does not expire meanwhile.
            find_check(actor, check_id, for_update=True)
        except NotFound as error:
            raise InvalidInput([FieldError("/passed_check", message_of(error))]) from error
    return check_id


def link_check(work: UnitOfWork, actor: Actor, incident: Incident, data: Mapping[str, Any]) -> None:
    """Link an incident to the check in an input, or to none if that is null.

    It needs no review, since no reader sees it. Raises InvalidInput (`check_id_in`).
    """
    if "passed_check" not in data:
        return
    check_id = check_id_in(actor, data)
    if check_id != incident.passed_check_id:
        incident.passed_check_id = check_id
        # A separate revision, since the content may have become a proposal.
        work.record(incident, Operation.UPDATED, actor, comment=data.get("comment"))


def take_over_check(work: UnitOfWork, actor: Actor, duplicate: Incident, original: Incident) -> None:
    """Link an incident without a check to its duplicate's check, if the actor may edit the incident.

    Actors who may not see the check do not see the link either, so it needs no review.
    """
    check_id = duplicate.passed_check_id
    if check_id is None or original.passed_check_id is not None:
        return
    if may_in(actor, Action.EDIT, original.team_id):
        original.passed_check_id = check_id
        comment = f"Took over from its duplicate {duplicate.id}: the check that had passed its post."
        work.record(original, Operation.UPDATED, actor, comment=comment)


def passed_check(actor: Actor, incident: Incident) -> Check | None:
    """The check that an incident names, if the actor may see it."""
    if incident.passed_check_id is None:
        return None
    check = db.session.get_one(Check, incident.passed_check_id)
    return check if may_see_check(actor, check) else None


def with_passed_check(actor: Actor, incident: Incident, body: dict[str, Any]) -> dict[str, Any]:
    """Add the id of the check that an incident names to its JSON form, if the actor may see the check."""
    check = passed_check(actor, incident)
    return body if check is None else {**body, "passed_check": check.id}
