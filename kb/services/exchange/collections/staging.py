"""Make a collection ready before the transaction that writes it, to keep that short.

New incidents become rows, and those that are here already are compared with what the collection says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select, update

from kb.domain.incident import Status
from kb.models import Collection, Incident, db
from kb.models.base import utc_now
from kb.models.session import session_scope
from kb.services.accounts.teams import MAIN_TEAM, find_team
from kb.services.core.incident_lookup import DETAIL_OPTIONS
from kb.services.core.system_actors import COLLECTOR
from kb.services.exchange.collections.people import edited_among
from kb.services.exchange.staged_lines import changes_nothing, reserved_ids
from kb.services.incidents.prepared import PreparedIncidents, can_prepare
from kb.services.incidents.slugs import free_in_team, slug_base
from kb.services.incidents.unstored import Owner, UnstoredIncident
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from kb.models import Team
    from kb.services.core.unit_of_work import UnitOfWork

    Input = Mapping[str, Any]

BATCH_SIZE = 50
"""How many incidents are loaded or converted at a time."""


class _Stored(NamedTuple):
    """An incident of the team that has an external id of the collection."""

    id: int
    external_id: str | None
    status: Status
    collection: str | None


class Steps:
    """The progress of making a collection ready and writing it: how many of its incidents are ready."""

    def __init__(self, total: int, progress: Callable[[int, int], object]) -> None:
        self._total, self._progress, self._taken = total, progress, 0

    def take(self) -> None:
        """Count an incident, and pause."""
        self._taken += 1
        self.pause()

    def pause(self, *_: object) -> None:
        """Pause without counting."""
        self._progress(self._taken, self._total)


class StagedCollection:
    """The incidents of a collection, by external id, with what writing them needs.

    There is a pause after each incident. With `dry_run`, new incidents are made to find their errors, and are
    no rows. Raises InvalidInput for one that cannot be added.
    """

    def __init__(self, key: str, inputs: Mapping[str, Input], steps: Steps, *, dry_run: bool) -> None:
        self._inputs, self._steps = inputs, steps
        team = find_team(MAIN_TEAM)
        self.team = Owner(team.id, team.key)
        stored = self._find_stored()
        self._known = {each.external_id for each in stored}
        self.stored_ids = sorted(each.id for each in stored)
        new = [data for external_id, data in inputs.items() if external_id not in self._known]
        self._slugs: set[str] = set()
        named = self._named(new)
        ready = [data for data in named if can_prepare(data)]
        self.left = [data for data in named if not can_prepare(data)]
        """New incidents that are made within the transaction: they refer to others, or are refused there."""
        self.ready_count = len(ready)
        self._rows: PreparedIncidents | None = None
        self._ids: Sequence[int] = ()
        if dry_run:
            self._try(ready)
        elif ready:
            self._prepare(key, team, ready)
        self._unchanged = self._compare([each for each in stored if each.collection == key])

    def is_current(self) -> bool:
        """Whether what it was made ready for is still so, as the current transaction sees it."""
        return {each.external_id for each in self._find_stored()} == self._known and not self._taken(
            self._slugs
        )

    def insert(self, work: UnitOfWork, collection: Collection) -> None:
        """Insert the new incidents that are rows already, as incidents of a collection."""
        if self._rows is None:
            return
        self._rows.insert(work, self._steps.pause)
        for ids in batches(self._ids, 10 * BATCH_SIZE):
            of_it = update(Incident).where(Incident.id.in_(ids)).values(collection_id=collection.id)
            db.session.execute(of_it.execution_options(synchronize_session=False))
            self._steps.pause()

    def is_unchanged(self, incident: Incident) -> bool:
        """Whether the collection says what an incident of it says already."""
        return self._unchanged.get(incident.id) == incident.version

    def _find_stored(self) -> list[_Stored]:
        statement = (
            select(Incident.id, Incident.external_id, Incident.status, Collection.key)
            .outerjoin(Collection, Collection.id == Incident.collection_id)
            .where(Incident.team_id == self.team.id, Incident.external_id.in_([*self._inputs]))
        )
        return [_Stored(*row) for row in db.session.execute(statement)]

    def _taken(self, slugs: set[str]) -> set[str]:
        """The slugs, among some, that incidents of the team have."""
        if not slugs:
            return set()
        statement = select(Incident.slug).where(Incident.team_id == self.team.id, Incident.slug.in_(slugs))
        return set(db.session.scalars(statement))

    def _named(self, new: Sequence[Input]) -> list[Input]:
        """New incidents with a slug each: their own or, if another incident has it, one made anew."""
        chosen = {data["slug"] for data in new if data.get("slug") is not None}
        free = chosen - self._taken(chosen)
        self._slugs |= free
        named = []
        for data in new:
            if data.get("slug") in free:
                named.append(data)
            else:
                slug = free_in_team(slug_base(data), self.team.id, self._slugs)
                self._slugs.add(slug)
                named.append({**data, "slug": slug})
            self._steps.pause()
        return named

    def _try(self, ready: Sequence[Input]) -> None:
        terms = TermLookup(attached=False)
        for data in ready:
            UnstoredIncident(COLLECTOR, self.team, data, terms)
            self._steps.take()

    def _prepare(self, key: str, team: Team, ready: Sequence[Input]) -> None:
        rows = PreparedIncidents(COLLECTOR, team, utc_now(), TermLookup(attached=False), collection=key)
        self._ids, lesson_ids = reserved_ids(len(ready), sum(len(data["lessons"]) for data in ready))
        next_id, next_lesson = iter(self._ids), iter(lesson_ids)
        for batch in batches(ready, BATCH_SIZE):
            rows.learn_tags(batch)
            for data in batch:
                rows.add(data, next(next_id), next_lesson)
                self._steps.take()
            rows.convert()
        self._rows = rows

    def _compare(self, stored: Sequence[_Stored]) -> dict[int, int]:
        """The versions of the incidents, by id, that the collection does not change."""
        unchanged: dict[int, int] = {}
        db.session.rollback()  # return its connection to the pool: a request holds one at a time
        for batch in batches([each.id for each in stored if each.status is not Status.WITHDRAWN], BATCH_SIZE):
            with session_scope(object()):
                try:
                    unchanged |= self._unchanged_among(batch)
                finally:
                    db.session.remove()
        return unchanged

    def _unchanged_among(self, ids: Sequence[int]) -> Iterator[tuple[int, int]]:
        """The ids and versions of those, among some incidents, that the collection does not change."""
        edited, terms = edited_among(ids), TermLookup()
        statement = select(Incident).where(Incident.id.in_(ids)).options(*DETAIL_OPTIONS)
        for incident in db.session.scalars(statement).all():
            data = without_slug(self._inputs[incident.external_id or ""])
            known = incident.id, incident.version  # comparing expires the incident
            if incident.id not in edited and changes_nothing(COLLECTOR, incident, data, terms, self.team.id):
                yield known
            self._steps.take()


def without_slug(data: Input) -> dict[str, Any]:
    """An input for an incident that is published: its slug cannot change."""
    return {name: value for name, value in data.items() if name != "slug"}


def batches(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Yield items in batches of at most `size`."""
    return (items[start : start + size] for start in range(0, len(items), size))
