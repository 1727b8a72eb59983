"""Add or update a collection, in one transaction: all or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.domain.audit import AuditEvent
from kb.domain.collection import KeptReason
from kb.domain.incident import Status
from kb.domain.permissions import Action, Actor
from kb.domain.workflow import OPERATIONS, Step
from kb.models import Collection, Incident, db
from kb.services.accounts.teams import MAIN_TEAM, find_team
from kb.services.core import audit
from kb.services.core.authorization import require
from kb.services.core.system_actors import COLLECTOR
from kb.services.core.unit_of_work import unit_of_work
from kb.services.exchange.collections.checking import refuse_errors
from kb.services.exchange.collections.people import edited_among, last_written_by_people
from kb.services.exchange.collections.removing import withdraw_unused
from kb.services.exchange.collections.report import CollectionReport
from kb.services.incidents.adding import NewIncidents
from kb.services.incidents.unstored import Owner, UnstoredIncident, is_self_contained
from kb.services.incidents.upsert import UpsertOutcome, upsert_incident
from kb.services.infrastructure.locks import advisory_lock
from kb.services.review.steps import take_step
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.services.core.unit_of_work import UnitOfWork
    from kb.services.exchange.collections.checking import CheckedCollection, Progress

_BATCH_SIZE = 50
"""How many new incidents are inserted together, between two calls of `progress`."""


def add_collection(
    actor: Actor,
    checked: CheckedCollection,
    *,
    dry_run: bool = False,
    progress: Progress = lambda _done, _all: None,
) -> CollectionReport:
    """Add or update a checked collection, and withdraw the incidents that this version no longer has.

    Incidents that people have edited or withdrawn are left unchanged. With `dry_run`, all is rolled back,
    and most new incidents are made in memory only.
    `progress` counts incidents. Raises InvalidInput for a collection with errors.
    """
    require(actor, Action.MANAGE_SITE)
    refuse_errors(checked.errors)
    with unit_of_work() as work:
        report = _Writer(work, checked, progress, dry_run=dry_run).write()
        audit.log_event(
            work,
            actor,
            AuditEvent.COLLECTION_ADDED,
            **{name: value for name, value in report.to_dict().items() if name not in ("kept", "dry_run")},
            kept=len(report.kept),
        )
        if dry_run:
            work.discard()
    report.seq = work.seq
    return report


class _Writer:
    """Writes a collection within a transaction."""

    def __init__(
        self, work: UnitOfWork, checked: CheckedCollection, progress: Progress, *, dry_run: bool
    ) -> None:
        advisory_lock("collection", checked.head["key"])
        self._work = work
        self._dry_run = dry_run
        self._progress = progress
        self._incidents = checked.incidents
        self._terms = TermLookup()
        self._team = find_team(MAIN_TEAM)
        self._collection, is_new = _write_head(work, checked.head)
        self._report = CollectionReport(
            key=self._collection.key, version=self._collection.version, dry_run=dry_run, is_new=is_new
        )

    def write(self) -> CollectionReport:
        """Write all incidents, and return the report."""
        inputs = {data["external_id"]: data for data in self._incidents}
        stored = self._stored(inputs)
        new = [data for external_id, data in inputs.items() if external_id not in stored]
        for start in range(0, len(new), _BATCH_SIZE):
            self._add(new[start : start + _BATCH_SIZE])
            self._progress(self._report.added, len(inputs))
        ids = [incident.id for incident in stored.values()]
        edited, last_by_people = edited_among(ids), last_written_by_people(ids)
        for done, (external_id, incident) in enumerate(stored.items(), self._report.added + 1):
            is_edited = incident.id in edited
            self._update(
                incident,
                inputs[external_id],
                is_edited=is_edited,
                is_withdrawn_here=incident.status is Status.WITHDRAWN and incident.id in last_by_people,
            )
            self._progress(done, len(inputs))
        dropped = select(Incident).where(Incident.collection_id == self._collection.id)
        rest = [each for each in db.session.scalars(dropped) if each.external_id not in inputs]
        withdraw_unused(self._work, rest, self._report)
        return self._report

    def _stored(self, inputs: Mapping[str, Any]) -> dict[str, Incident]:
        statement = select(Incident).where(
            Incident.team_id == self._team.id, Incident.external_id.in_([*inputs])
        )
        return {incident.external_id or "": incident for incident in db.session.scalars(statement)}

    def _add(self, inputs: Sequence[Mapping[str, Any]]) -> None:
        """Add new incidents; a slug that another incident of the team has is generated anew."""
        slugs = [data["slug"] for data in inputs if "slug" in data]
        statement = select(Incident.slug).where(Incident.team_id == self._team.id, Incident.slug.in_(slugs))
        taken = set(db.session.scalars(statement))
        named = [_without(data, "slug") if data.get("slug") in taken else data for data in inputs]
        self._report.added += len(named)
        if self._dry_run:
            named = self._not_made(named)
        batch = NewIncidents(self._work, COLLECTOR, self._team.id, named)
        for data in named:
            batch.add(data, self._terms).collection = self._collection
        batch.record()

    def _not_made(self, inputs: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Make new incidents without storing them, which takes several times as long and would be undone.

        Returns those that can be made in the session only. Raises InvalidInput, as adding them would.
        """
        owner, terms = Owner(self._team.id, self._team.key), TermLookup(attached=False)
        rest = []
        for data in inputs:
            if is_self_contained(data):
                UnstoredIncident(COLLECTOR, owner, data, terms)
            else:
                rest.append(data)
        return rest

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
        elif self._upsert(data) is UpsertOutcome.UPDATED:
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
        # The slug of a published incident cannot change.
        return upsert_incident(
            self._work, COLLECTOR, _without(data, "slug"), self._terms, self._team.id
        ).outcome


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


def _without(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key != name}
