"""Add or update a collection, in one transaction: all or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.batches import batched
from kb.domain.audit import AuditEvent
from kb.domain.permissions import Action, Actor
from kb.errors import Conflict
from kb.messages import Message
from kb.models import Collection, db
from kb.pauses import no_pause
from kb.services.core import audit
from kb.services.core.authorization import require
from kb.services.core.reading import reading
from kb.services.core.row_locks import lock_new_names
from kb.services.core.system_actors import COLLECTOR
from kb.services.core.unit_of_work import unit_of_work
from kb.services.exchange.collections.checking import refuse_errors
from kb.services.exchange.collections.report import CollectionReport
from kb.services.exchange.collections.staged_updates import BATCH_SIZE, PausingProgress
from kb.services.exchange.collections.staging import StagedCollection
from kb.services.incidents.filing.adding import NewIncidents
from kb.services.infrastructure.locks import advisory_lock
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.pauses import Pause
    from kb.services.core.unit_of_work import UnitOfWork
    from kb.services.exchange.collections.checking import CheckedCollection

_MAX_ATTEMPTS = 3
"""Maximum number of attempts to prepare a collection while others write its incidents."""


def add_collection(
    actor: Actor, checked: CheckedCollection, *, dry_run: bool = False, pause: Pause = no_pause
) -> CollectionReport:
    """Add or update a checked collection, and withdraw the incidents that this version no longer has.

    Nearly all of the work is done before the transaction, so that others can write meanwhile. Incidents that
    people have edited or withdrawn are left unchanged. With `dry_run`, nothing is written: new incidents are
    made in memory only. `pause` is called with the number of incidents that are ready, also within the
    transaction. Raises InvalidInput for a collection with errors.
    """
    require(actor, Action.MANAGE_SITE)
    refuse_errors(checked.errors)
    head, inputs = checked.head, {data["external_id"]: data for data in checked.incidents}
    for _ in range(_MAX_ATTEMPTS):
        progress = PausingProgress(len(inputs), pause)
        staged = StagedCollection(
            head["key"],
            inputs,
            advance=reading(progress.advance),
            pause=reading(progress.pause),
            dry_run=dry_run,
        )
        if dry_run and staged.is_whole():
            return _dry_run_report(head, staged)
        with unit_of_work(bulk=True) as work:
            advisory_lock("collection", head["key"])
            lock_new_names(staged.team.id)
            if not staged.is_current():
                work.discard()
                continue
            report = _write(work, head, staged, progress.pause, dry_run=dry_run)
            audit.log_event(
                work,
                actor,
                AuditEvent.COLLECTION_ADDED,
                **{
                    name: value for name, value in report.to_dict().items() if name not in ("kept", "dry_run")
                },
                kept=len(report.kept),
            )
            if dry_run:
                work.discard()
        report.seq = work.seq
        return report
    raise Conflict(Message("This conflicts with what somebody else stored in the meantime. Try again."))


def _dry_run_report(head: Mapping[str, Any], staged: StagedCollection) -> CollectionReport:
    """The report of a collection that is not written."""
    known = db.session.scalar(select(Collection).where(Collection.key == head["key"]))
    is_new = known is None or known.removed_at is not None
    report = CollectionReport(key=head["key"], version=head["version"], dry_run=True, is_new=is_new)
    staged.report_to(report)
    return report


def _write(
    work: UnitOfWork, head: Mapping[str, Any], staged: StagedCollection, pause: Pause, *, dry_run: bool
) -> CollectionReport:
    """Write a collection within a transaction, and return the report."""
    staged.lock()
    collection, is_new = _write_head(work, head)
    report = CollectionReport(key=collection.key, version=collection.version, dry_run=dry_run, is_new=is_new)
    staged.insert(work, report, collection.id, pause)
    for batch in batched(staged.left, BATCH_SIZE):
        incidents, terms = NewIncidents(work, COLLECTOR, staged.team.id, batch), TermLookup()
        for data in batch:
            incidents.add(data, terms).collection = collection
            pause()
        incidents.record()
    staged.update(work, report, pause)
    return report


def _write_head(work: UnitOfWork, head: Mapping[str, Any]) -> tuple[Collection, bool]:
    """Store the head of a collection; return the collection, and whether it is new or was out."""
    columns = {
        "version": head["version"],
        "titles": head["title"],
        "descriptions": head["description"],
        "license": head["license"],
        "contact": head["contact"],
        "updated_at": work.at,
        "removed_at": None,
    }
    collection = db.session.scalar(select(Collection).where(Collection.key == head["key"]))
    if collection is None:
        collection = Collection(key=head["key"], added_at=work.at, **columns)
        db.session.add(collection)
        db.session.flush()
        return collection, True
    was_out = collection.removed_at is not None
    for name, value in columns.items():
        setattr(collection, name, value)
    return collection, was_out
