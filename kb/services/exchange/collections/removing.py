"""Remove a collection: withdraw its incidents, except those that people have edited or work with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from kb.domain.audit import AuditEvent
from kb.domain.incident import Operation, Status
from kb.domain.permissions import Action, Actor, is_public
from kb.domain.workflow import Step
from kb.models import Incident, db
from kb.pauses import no_pause
from kb.services.core import audit
from kb.services.core.authorization import require
from kb.services.core.system_actors import COLLECTOR
from kb.services.core.unit_of_work import unit_of_work
from kb.services.exchange.collections.listing import find_added
from kb.services.exchange.collections.people import reasons_to_keep
from kb.services.exchange.collections.report import CollectionReport
from kb.services.exchange.collections.staging import BATCH_SIZE, batches
from kb.services.infrastructure.locks import advisory_lock
from kb.services.review.steps import take_step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kb.domain.collection import KeptReason
    from kb.services.core.unit_of_work import UnitOfWork


def remove_collection(
    actor: Actor,
    key: str,
    *,
    edited: bool,
    dry_run: bool,
    progress: Callable[[int, int], object] = no_pause,
) -> CollectionReport:
    """Withdraw the incidents of a collection, in one transaction.

    Incidents that people have edited or work with are kept, unless `edited` is given. Nothing is deleted:
    adding the collection again restores what this withdraws. With `dry_run`, all is rolled back. Raises
    NotFound for a collection that was not added, or was already removed.
    """
    require(actor, Action.MANAGE_SITE)
    with unit_of_work(bulk=True) as work:
        advisory_lock("collection", key)
        collection = find_added(key)
        report = CollectionReport(key=key, version=collection.version, dry_run=dry_run)
        of_it = select(Incident.id).where(Incident.collection_id == collection.id).order_by(Incident.id)
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
    incident_ids: Sequence[int],
    report: CollectionReport,
    *,
    edited: bool = False,
    progress: Callable[[int, int], object] = no_pause,
) -> None:
    """Withdraw incidents of a collection within a transaction, and record each result in its report.

    Incidents that people have edited or work with are kept, unless `edited` is given.
    """
    reasons = reasons_to_keep(incident_ids)
    done = 0
    for ids in batches(incident_ids, BATCH_SIZE):
        for incident in db.session.scalars(
            select(Incident).where(Incident.id.in_(ids)).order_by(Incident.id)
        ):
            _withdraw(work, incident, report, reasons.get(incident.id, ()) if not edited else ())
            done += 1
            progress(done, len(incident_ids))


def _withdraw(
    work: UnitOfWork, incident: Incident, report: CollectionReport, reasons_to_stay: Sequence[KeptReason]
) -> None:
    if incident.status is Status.WITHDRAWN:
        return
    if reasons_to_stay:
        report.keep(incident, reasons_to_stay)
        return
    was_public = is_public(incident.status, incident.visibility)
    take_step(work, COLLECTOR, incident, Step.WITHDRAW, None)
    work.record(incident, Operation.WITHDRAWN, COLLECTOR, was_public=was_public)
    report.withdrawn += 1
