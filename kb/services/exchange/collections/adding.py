"""Add or update a collection, in one transaction: all or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.domain.audit import AuditEvent
from kb.domain.collection import KeptReason
from kb.domain.incident import Status
from kb.domain.permissions import Action, Actor
from kb.domain.workflow import OPERATIONS, Step
from kb.errors import Conflict
from kb.messages import Message
from kb.models import Collection, Incident, db
from kb.pauses import no_pause
from kb.services.core import audit
from kb.services.core.authorization import require
from kb.services.core.system_actors import COLLECTOR
from kb.services.core.unit_of_work import unit_of_work
from kb.services.exchange.collections.checking import refuse_errors
from kb.services.exchange.collections.people import edited_among, last_written_by_people
from kb.services.exchange.collections.removing import withdraw_unused
from kb.services.exchange.collections.report import CollectionReport
from kb.services.exchange.collections.staging import (
    BATCH_SIZE,
    StagedCollection,
    Steps,
    batches,
    without_slug,
)
from kb.services.incidents.adding import NewIncidents
from kb.services.incidents.upsert import UpsertOutcome, upsert_incident
from kb.services.infrastructure.locks import advisory_lock
from kb.services.review.steps import take_step
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.services.core.unit_of_work import UnitOfWork
    from kb.services.exchange.collections.checking import CheckedCollection, Progress

_MAX_ATTEMPTS = 3
"""How often a collection is made ready, if others write incidents of it meanwhile."""


def add_collection(
    actor: Actor, checked: CheckedCollection, *, dry_run: bool = False, progress: Progress = no_pause
) -> CollectionReport:
    """Add or update a checked collection, and withdraw the incidents that this version no longer has.

    Most of the work is done before the transaction, so that others can write meanwhile. Incidents that people
    have edited or withdrawn are left unchanged. With `dry_run`, all is rolled back, and most new incidents
    are made in memory only. `progress` counts incidents, and is called again and again within the
    transaction. Raises InvalidInput for a collection with errors.
    """
    require(actor, Action.MANAGE_SITE)
    refuse_errors(checked.errors)
    inputs = {data["external_id"]: data for data in checked.incidents}
    for _ in range(_MAX_ATTEMPTS):
        steps = Steps(len(inputs), progress)
        staged = StagedCollection(checked.head["key"], inputs, steps, dry_run=dry_run)
        with unit_of_work(bulk=True) as work:
            advisory_lock("collection", checked.head["key"])
            if not staged.is_current():
                work.discard()
                continue
            report = _Writer(work, checked.head, inputs, staged, steps, dry_run=dry_run).write()
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


class _Writer:
    """Writes a collection within a transaction."""

    def __init__(
        self,
        work: UnitOfWork,
        head: Mapping[str, Any],
        inputs: Mapping[str, Mapping[str, Any]],
        staged: StagedCollection,
        steps: Steps,
        *,
        dry_run: bool,
    ) -> None:
        self._work, self._inputs, self._staged, self._steps = work, inputs, staged, steps
        self._dry_run = dry_run
        self._terms = TermLookup()
        self._collection, is_new = _write_head(work, head)
        self._report = CollectionReport(
            key=self._collection.key, version=self._collection.version, dry_run=dry_run, is_new=is_new
        )

    def write(self) -> CollectionReport:
        """Write all incidents, and return the report."""
        if not self._dry_run:
            self._staged.insert(self._work, self._collection)
        self._report.added = self._staged.ready_count + len(self._staged.left)
        for batch in batches(self._staged.left, BATCH_SIZE):
            self._add(batch)
        for ids in batches(self._staged.stored_ids, BATCH_SIZE):
            self._update_all(ids)
        self._withdraw_dropped()
        return self._report

    def _add(self, inputs: Sequence[Mapping[str, Any]]) -> None:
        batch = NewIncidents(self._work, COLLECTOR, self._staged.team.id, inputs)
        for data in inputs:
            batch.add(data, self._terms).collection = self._collection
            self._steps.pause()
        batch.record()

    def _update_all(self, ids: Sequence[int]) -> None:
        incidents = db.session.scalars(
            select(Incident).where(Incident.id.in_(ids)).order_by(Incident.id)
        ).all()
        edited, last_by_people = edited_among(ids), last_written_by_people(ids)
        for incident in incidents:
            self._update(
                incident,
                self._inputs[incident.external_id or ""],
                is_edited=incident.id in edited,
                is_withdrawn_here=incident.status is Status.WITHDRAWN and incident.id in last_by_people,
            )
            self._steps.pause()

    def _withdraw_dropped(self) -> None:
        """Withdraw the incidents that this version lacks."""
        of_it = select(Incident.id, Incident.external_id).where(Incident.collection_id == self._collection.id)
        dropped = [row.id for row in db.session.execute(of_it) if row.external_id not in self._inputs]
        withdraw_unused(self._work, sorted(dropped), self._report, progress=self._steps.pause)

    def _update(
        self, incident: Incident, data: Mapping[str, Any], *, is_edited: bool, is_withdrawn_here: bool
    ) -> None:
        if incident.collection_id != self._collection.id:
            self._report.keep(incident, [KeptReason.FILED_HERE])
        elif is_withdrawn_here:
            self._report.keep(incident, [KeptReason.WITHDRAWN])
        elif incident.status is Status.WITHDRAWN:
            self._restore(incident, data, is_edited=is_edited)
        elif is_edited:
            self._report.keep(incident, [KeptReason.EDITED])
        elif not self._staged.is_unchanged(incident) and self._upsert(data) is UpsertOutcome.UPDATED:
            self._report.updated += 1
        else:
            self._report.unchanged += 1

    def _restore(self, incident: Incident, data: Mapping[str, Any], *, is_edited: bool) -> None:
        """Restore a withdrawn incident: with the collection's texts, or with people's if they edited it."""
        self._take(incident, Step.REOPEN)
        if is_edited:
            self._take(incident, Step.PUBLISH)
            self._report.keep(incident, [KeptReason.EDITED])
        else:
            self._upsert(data)
        self._report.restored += 1

    def _take(self, incident: Incident, step: Step) -> None:
        take_step(self._work, COLLECTOR, incident, step, None)
        self._work.record(incident, OPERATIONS[step], COLLECTOR)

    def _upsert(self, data: Mapping[str, Any]) -> UpsertOutcome:
        team_id = self._staged.team.id
        return upsert_incident(self._work, COLLECTOR, without_slug(data), self._terms, team_id).outcome


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
