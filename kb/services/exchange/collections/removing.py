"""Remove a collection: withdraw its incidents, except those that people have edited or work with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from kb.domain.audit import AuditEvent
from kb.domain.permissions import Action, Actor
from kb.models import Incident, db
from kb.pauses import no_pause
from kb.services.core import audit
from kb.services.core.authorization import require
from kb.services.core.reading import reading
from kb.services.core.row_locks import lock_incidents
from kb.services.core.unit_of_work import unit_of_work
from kb.services.exchange.collections.listing import find_added
from kb.services.exchange.collections.policies import WithdrawalPolicy
from kb.services.exchange.collections.report import CollectionReport
from kb.services.exchange.collections.staged_updates import PausingProgress, StagedUpdates
from kb.services.infrastructure.locks import advisory_lock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.models import Collection
    from kb.pauses import Pause


def remove_collection(
    actor: Actor, key: str, *, edited: bool, dry_run: bool, pause: Pause = no_pause
) -> CollectionReport:
    """Withdraw the incidents of a collection, in one transaction.

    Nearly all of the work is done before it. Incidents that people have edited or work with are kept, unless
    `edited` is given. Nothing is deleted: adding the collection again restores what this withdraws. With
    `dry_run`, nothing is written. `pause` is called with the number of incidents that are ready. Raises
    NotFound for a collection that was not added, or was already removed.
    """
    require(actor, Action.MANAGE_SITE)
    collection = find_added(key)
    ids = _incidents_of(collection)
    report = CollectionReport(key=key, version=collection.version, dry_run=dry_run)
    progress, staged = PausingProgress(len(ids), pause), StagedUpdates(WithdrawalPolicy(edited=edited))
    staged.prepare(ids, reading(progress.advance))
    if dry_run and staged.has_all(ids):
        staged.report_to(report, ids)
        return report
    with unit_of_work(bulk=True) as work:
        advisory_lock("collection", key)
        collection = find_added(key)
        report = CollectionReport(key=key, version=collection.version, dry_run=dry_run)
        ids = _incidents_of(collection)
        lock_incidents(ids)
        staged.write(work, report, ids, progress.pause)
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


def _incidents_of(collection: Collection) -> Sequence[int]:
    """The ids of the incidents of a collection, in order."""
    of_it = select(Incident.id).where(Incident.collection_id == collection.id).order_by(Incident.id)
    return db.session.scalars(of_it).all()
