"""Prepare a collection before the transaction that writes it, to keep the transaction short.

New incidents become rows. Stored ones are changed in memory, and their changes become statements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from kb.batches import batched
from kb.models import Collection, Incident, db
from kb.models.base import utc_now
from kb.services.accounts.teams import MAIN_TEAM, find_team
from kb.services.core.row_locks import lock_incidents
from kb.services.core.system_actors import COLLECTOR
from kb.services.exchange.collections.policies import UpdatePolicy, WithdrawalPolicy
from kb.services.exchange.collections.staged_updates import BATCH_SIZE, StagedUpdates
from kb.services.exchange.staged_lines import reserved_ids
from kb.services.incidents.content.slugs import free_in_team, slug_base
from kb.services.incidents.filing.prepared import PreparedIncidents, can_prepare
from kb.services.incidents.filing.unstored import Owner, UnstoredIncident
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.pauses import Pause
    from kb.services.core.unit_of_work import UnitOfWork
    from kb.services.exchange.collections.report import CollectionReport

    Input = Mapping[str, Any]


class _Ids(NamedTuple):
    """The ids of stored incidents: those with external ids of a collection, and its others."""

    named: list[int]
    dropped: list[int]


class StagedCollection:
    """The incidents of a collection, by external id, ready to be written.

    `advance` is called after each incident, and `pause` more often, outside any transaction. With `dry_run`,
    new incidents are only built to find their errors, without rows. Raises InvalidInput for one that cannot
    be added.
    """

    def __init__(
        self, key: str, inputs: Mapping[str, Input], *, advance: Pause, pause: Pause, dry_run: bool
    ) -> None:
        self._key, self._inputs = key, inputs
        self._advance, self._pause = advance, pause
        team = find_team(MAIN_TEAM)
        self.team = Owner(team.id, team.key)
        stored = self._find_stored()
        self._known = set(stored.values())
        new = [data for external_id, data in inputs.items() if external_id not in self._known]
        self._slugs: set[str] = set()
        self._spellings: dict[str, str] = {}
        named = self._named(new)
        ready = [data for data in named if can_prepare(data)]
        self.left = [data for data in named if not can_prepare(data)]
        """New incidents that are made within the transaction: they refer to others, or are refused there."""
        self._ready_count = len(ready)
        self._rows: PreparedIncidents | None = None
        if dry_run:
            self._validate(ready)
        elif ready:
            self._prepare(ready)
        self._ids = _Ids(sorted(stored), self._find_dropped())
        self._updates = StagedUpdates(UpdatePolicy(key, inputs, self.team.id, self._spellings))
        self._withdrawals = StagedUpdates(WithdrawalPolicy(edited=False))
        self._updates.prepare(self._ids.named, advance)
        self._withdrawals.prepare(self._ids.dropped, pause)
        if not dry_run:
            self._updates.number_lessons()

    def is_current(self) -> bool:
        """Whether the state that it was prepared for is still current, as the transaction sees it."""
        is_same = (
            set(self._find_stored().values()) == self._known and self._find_dropped() == self._ids.dropped
        )
        return is_same and not self._taken_slugs(self._slugs)

    def is_whole(self) -> bool:
        """Whether the whole report is known without the transaction."""
        return (
            not self.left
            and self._updates.has_all(self._ids.named)
            and self._withdrawals.has_all(self._ids.dropped)
        )

    def report_to(self, report: CollectionReport) -> None:
        """Report what writing would do. Requires `is_whole`."""
        report.added = self._ready_count
        self._updates.report_to(report, self._ids.named)
        self._withdrawals.report_to(report, self._ids.dropped)

    def lock(self) -> None:
        """Lock the stored incidents, all at once, before the transaction writes anything."""
        lock_incidents([*self._ids.named, *self._ids.dropped])

    def insert(self, work: UnitOfWork, report: CollectionReport, collection_id: int, pause: Pause) -> None:
        """Insert the prepared new incidents into a collection."""
        report.added = self._ready_count + len(self.left)
        if self._rows is not None:
            self._rows.insert(work, pause, collection_id=collection_id)

    def update(self, work: UnitOfWork, report: CollectionReport, pause: Pause) -> None:
        """Update the stored incidents, and withdraw those that are not in the collection."""
        self._updates.write(work, report, self._ids.named, pause)
        self._withdrawals.write(work, report, self._ids.dropped, pause)

    def _find_stored(self) -> dict[int, str | None]:
        """The external ids of the collection that incidents of the team have, by incident id."""
        statement = select(Incident.id, Incident.external_id).where(
            Incident.team_id == self.team.id, Incident.external_id.in_([*self._inputs])
        )
        return {row.id: row.external_id for row in db.session.execute(statement)}

    def _find_dropped(self) -> list[int]:
        """The ids of incidents of the collection that this version lacks, in order."""
        statement = (
            select(Incident.id, Incident.external_id)
            .join(Collection, Collection.id == Incident.collection_id)
            .where(Collection.key == self._key)
            .order_by(Incident.id)
        )
        return [row.id for row in db.session.execute(statement) if row.external_id not in self._inputs]

    def _taken_slugs(self, slugs: set[str]) -> set[str]:
        """The given slugs that incidents of the team have."""
        if not slugs:
            return set()
        statement = select(Incident.slug).where(Incident.team_id == self.team.id, Incident.slug.in_(slugs))
        return set(db.session.scalars(statement))

    def _named(self, new: Sequence[Input]) -> list[Input]:
        """Give each new incident a slug: its own or, if that is taken, a generated one."""
        chosen = {data["slug"] for data in new if data.get("slug") is not None}
        free = chosen - self._taken_slugs(chosen)
        self._slugs |= free
        named = []
        for data in new:
            if data.get("slug") in free:
                named.append(data)
            else:
                slug = free_in_team(slug_base(data), self.team.id, self._slugs)
                self._slugs.add(slug)
                named.append({**data, "slug": slug})
            self._pause()
        return named

    def _validate(self, ready: Sequence[Input]) -> None:
        terms = TermLookup(attached=False)
        for data in ready:
            UnstoredIncident(COLLECTOR, self.team, data, terms)
            self._advance()

    def _prepare(self, ready: Sequence[Input]) -> None:
        terms = TermLookup(attached=False)
        rows = PreparedIncidents(
            COLLECTOR, self.team, utc_now(), terms, collection=self._key, spellings=self._spellings
        )
        ids, lesson_ids = reserved_ids(len(ready), sum(len(data["lessons"]) for data in ready))
        next_id, next_lesson = iter(ids), iter(lesson_ids)
        for batch in batched(ready, BATCH_SIZE):
            rows.learn_tags(batch)
            for data in batch:
                rows.add(data, next(next_id), next_lesson)
                self._advance()
            rows.convert()
        self._rows = rows
