"""Remove a collection: withdraw its incidents, except those that people have edited or work with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from kb.domain.audit import AuditEvent
from kb.domain.incident import Operation, Status
from kb.domain.permissions import Action, Actor, is_public
from kb.domain.workflow import Step
from kb.models import Incident, db
from kb.services.core import audit
from kb.services.core.authorization import require
from kb.services.core.system_actors import COLLECTOR
from kb.services.core.unit_of_work import unit_of_work
from kb.services.exchange.collections.listing import find_added
from kb.services.exchange.collections.people import reasons_to_keep
from kb.services.exchange.collections.report import CollectionReport
from kb.services.infrastructure.locks import advisory_lock
from kb.services.review.steps import take_step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kb.services.core.unit_of_work import UnitOfWork


def remove_collection(
    actor: Actor,
    key: str,
    *,
    edited: bool,
    dry_run: bool,
    progress: Callable[[int, int], object] = lambda _done, _all: None,
) -> CollectionReport:
    """Withdraw the incidents of a collection, in one transaction.

    Incidents that people have edited or work with are kept, unless `edited` is given. Nothing is deleted:
    adding the collection again restores what this withdraws. With `dry_run`, all is rolled back. Raises
    NotFound for a collection that was not added, or was already removed.
    """
    require(actor, Action.MANAGE_SITE)
    with unit_of_work() as work:
        advisory_lock("collection", key)
        collection = find_added(key)
        report = CollectionReport(key=key, version=collection.version, dry_run=dry_run)
        of_it = select(Incident).where(Incident.collection_id == collection.id).order_by(Incident.id)
        withdraw_unused(work, db.session.scalars(of_it).all(), report, edited=edited, progress=progress)
        collection.removed_at = work.at
        audit.log_event(
            work,
            actor,
            AuditEvent.COLLECTION_REMOVED,
            key=key,
            withdrawn=report.withdrawn,
            kept=len(report.kept),
        )
        if dry_run:
            work.discard()
    report.seq = work.seq
    return report


def withdraw_unused(
    work: UnitOfWork,
    incidents: Sequence[Incident],
    report: CollectionReport,
    *,
    edited: bool = False,
    progress: Callable[[int, int], object] = lambda _done, _all: None,
) -> None:
    """Withdraw incidents of a collection within a transaction, and record each result in its report.

    Incidents that people have edited or work with are kept, unless `edited` is given.
    """
    reasons = reasons_to_keep([incident.id for incident in incidents])
    for done, incident in enumerate(incidents, 1):
        if incident.status is Status.WITHDRAWN:
            continue
        if incident.id in reasons and not edited:
            report.keep(incident, reasons[incident.id])
            continue
        was_public = is_public(incident.status, incident.visibility)
        take_step(work, COLLECTOR, incident, Step.WITHDRAW, None)
        work.record(incident, Operation.WITHDRAWN, COLLECTOR, was_public=was_public)
        report.withdrawn += 1
        progress(done, len(incidents))
