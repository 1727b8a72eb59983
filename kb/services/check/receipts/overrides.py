"""Overrides: records of who went ahead despite a check's findings, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.audit import AuditEvent
from kb.domain.permissions import Action, Actor, Role, role_in
from kb.errors import Conflict, Forbidden
from kb.messages import Message
from kb.models import CheckOverride, db
from kb.services.check.receipts.presenter import override_detail
from kb.services.core import audit, idempotency
from kb.services.core.authorization import require
from kb.services.core.check_access import find_check
from kb.services.core.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from kb.models import Check


def override_check(actor: Actor, check_id: int, reason: str) -> dict[str, Any]:
    """Record, in the audit log as well, that the actor goes ahead despite a check's findings.

    Raises NotFound, Forbidden (`require_answerer`), or Conflict for a check that found nothing.
    """
    require(actor, Action.ANSWER_CHECK)
    with unit_of_work() as work:
        check = find_check(actor, check_id, for_update=True)
        require_answerer(actor, check)
        if not check.findings:
            raise Conflict(Message("This check has no finding to override: nothing stands in the way."))
        override = CheckOverride(
            check_id=check.id, author=actor.name, principal=actor.principal, reason=reason, at=work.at
        )
        db.session.add(override)
        db.session.flush()
        audit.log_event(
            work,
            actor,
            AuditEvent.CHECK_OVERRIDE,
            team_id=check.team_id,
            check=check.id,
            verdict=check.verdict,
            guards=sorted({finding["guard"] for finding in check.findings}),
            reason=reason,
        )
        return idempotency.store_answer(override_detail(override), incident_id=None)


def require_answerer(actor: Actor, check: Check) -> None:
    """Raise Forbidden unless the actor is the author of a check, or a contributor of its team."""
    if not is_answerer(actor, check):
        raise Forbidden(Message("Only its author, and contributors of its team, may answer a check."))


def is_answerer(actor: Actor, check: Check) -> bool:
    """Whether the actor is the author of a check, or a contributor of its team."""
    if check.principal == actor.principal or actor.sees_everything:
        return True
    return check.team_id is not None and role_in(actor, check.team_id) >= Role.CONTRIBUTOR
