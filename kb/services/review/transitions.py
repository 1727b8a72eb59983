"""Take a workflow step in its own transaction, and list the steps taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.domain.dates import iso
from kb.domain.permissions import Action, Actor, is_public
from kb.domain.workflow import OPERATIONS, Step
from kb.models import ReviewEvent
from kb.services.core import idempotency
from kb.services.core.authorization import Versions, permitted_steps, require, require_in, required_action
from kb.services.core.incident_lookup import find_for_change, find_in_team, find_incident, load_ahead
from kb.services.core.presenters import detail, snapshot
from kb.services.core.unit_of_work import unit_of_work
from kb.services.core.write_result import WriteResult
from kb.services.infrastructure.pagination import Page, id_page
from kb.services.review.concerns import scan
from kb.services.review.four_eyes import require_single_version
from kb.services.review.steps import take_step
from kb.services.search import sync

if TYPE_CHECKING:
    from collections.abc import Collection


@sync.coming()
def transition_incident(
    actor: Actor,
    incident_id: int,
    versions: Versions | None,
    step: Step,
    comment: str | None,
    *,
    override: bool,
    acknowledged: Collection[str],
) -> WriteResult:
    """Take a step from one of `versions` of an incident; to approve or publish, from a single one.

    Raises NotFound, Forbidden, PreconditionMissing or StaleVersion, and what `take_step` raises.
    """
    require(actor, Action.TRANSITION)
    if step in (Step.APPROVE, Step.PUBLISH):
        require_single_version(versions)
    loaded = load_ahead(actor, incident_id)
    if step is Step.PUBLISH:
        require_in(actor, Action.TRANSITION, loaded.team_id)
        # Before the transaction, so that others need not wait for the scan of long texts.
        scan(snapshot(loaded))
    with unit_of_work(loaded=loaded) as work:
        incident = find_for_change(actor, Action.TRANSITION, incident_id, versions)
        was_public = is_public(incident.status, incident.visibility)
        take_step(work, actor, incident, step, comment, override=override, acknowledged=acknowledged)
        if step in OPERATIONS:
            work.record(incident, OPERATIONS[step], actor, comment=comment, was_public=was_public)
        body = idempotency.store_answer(detail(incident), incident_id=incident.id)
    return WriteResult(body, created=False, searchable=sync.catch_up(work.seq))


def list_steps(actor: Actor, incident_id: int) -> list[Step]:
    """List the steps that an actor may take from an incident's status. Raises NotFound."""
    return permitted_steps(actor, find_incident(actor, incident_id))


def require_withdrawal(actor: Actor, incident_id: int) -> Action:
    """Return the permission that withdrawing an incident needs: DISCARD if it was never published.

    Raises NotFound, or Forbidden without that permission.
    """
    incident = find_in_team(actor, Action.DISCARD, incident_id)
    action = required_action(incident, Step.WITHDRAW)
    require_in(actor, action, incident.team_id)
    return action


def list_events(actor: Actor, incident_id: int, *, limit: int, cursor: str | None) -> Page:
    """List the steps of an incident, latest first, for its team. Raises NotFound or Forbidden."""
    find_in_team(actor, Action.READ_HISTORY, incident_id)
    events = select(ReviewEvent).where(ReviewEvent.incident_id == incident_id)
    return id_page(events, ReviewEvent.id, event_fields, limit=limit, cursor=cursor)


def event_fields(row: ReviewEvent) -> dict[str, Any]:
    """A step that an incident has taken, ready for JSON."""
    return {
        "id": row.id,
        "step": row.step,
        "version": row.version,
        "before": row.before,
        "after": row.after,
        "author": row.author,
        "comment": row.comment,
        "overridden": row.overridden.split() if row.overridden else [],
        "at": iso(row.at),
    }
