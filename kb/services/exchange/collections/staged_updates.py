"""The outcomes for the stored incidents of a collection, prepared before the transaction that writes them."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from sqlalchemy import select

from kb import pauses
from kb.batches import batched
from kb.errors import KBError
from kb.models import Incident, db
from kb.models.base import MAX_LISTED_VALUES
from kb.services.core.staged_changes import StagedChanges, load_detached
from kb.services.exchange.collections.report import KeptIncident

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Mapping, Sequence

    from kb.domain.collection import KeptReason
    from kb.pauses import Pause
    from kb.services.core.unit_of_work import UnitOfWork
    from kb.services.exchange.collections.report import CollectionReport

BATCH_SIZE = 50
"""How many incidents are loaded or converted at a time, at most."""

_FIRST_BATCH = 4
"""How many are loaded at first, and as long as they take long: each has as many parts as it may."""


class PausingProgress:
    """Counts the incidents that are ready, and passes the count to a pause."""

    def __init__(self, total: int, pause: Pause) -> None:
        self._total, self._pause, self._done = total, pause, 0

    def advance(self, *_progress: int) -> None:
        """Count an incident, and pause."""
        self._done += 1
        self.pause()

    def pause(self, *_progress: int) -> None:
        """Pause without counting."""
        self._pause(self._done, self._total)


class Outcome(NamedTuple):
    """The outcome for an incident: the count in the report that it raises, and if it is kept, the reasons."""

    counts_as: str | None = None
    kept: KeptIncident | None = None

    def report_to(self, report: CollectionReport) -> None:
        """Add this outcome to a report."""
        if self.counts_as is not None:
            setattr(report, self.counts_as, getattr(report, self.counts_as) + 1)
        if self.kept is not None:
            report.kept.append(self.kept)


def kept_outcome(incident: Incident, reasons: Sequence[KeptReason], count: str | None = None) -> Outcome:
    """The outcome for an incident that is left unchanged."""
    title = incident.original.title
    return Outcome(count, KeptIncident(incident.id, incident.external_id or "", title, [*reasons]))


class ChangePolicy(Protocol):
    """Decides on the outcomes for incidents, and writes them."""

    def stamps(self, ids: Sequence[int]) -> Mapping[int, Hashable]:
        """A stamp for each incident, which differs whenever its outcome may differ."""

    def facts(self, ids: Sequence[int]) -> Callable[[int], Any]:
        """The facts besides the incident itself that decide on its outcome, by id."""

    def change(self, work: UnitOfWork, incident: Incident, facts: Any) -> Outcome:
        """Write the outcome for an incident, which may be detached."""


class StagedUpdates:
    """The outcomes for some incidents, and the changes that they require."""

    def __init__(self, policy: ChangePolicy) -> None:
        self._policy = policy
        self._changes = StagedChanges()
        self._outcomes: dict[int, tuple[Hashable, Outcome]] = {}

    def prepare(self, ids: Sequence[int], advance: Pause) -> None:
        """Prepare the changes of incidents, outside any transaction.

        `advance` is called after each. A change that raises an error is left to the transaction, which raises
        it again.
        """
        start, size = 0, _FIRST_BATCH
        while batch := ids[start : start + size]:
            started = time.thread_time()
            stamps, facts = self._policy.stamps(batch), self._policy.facts(batch)
            incidents = load_detached(batch)
            start += size
            # The largest incidents take a hundred times as long to load as others.
            is_quick = time.thread_time() - started < pauses.PIECE_SECONDS / 2
            size = min(2 * size, BATCH_SIZE) if is_quick else _FIRST_BATCH
            for incident in incidents:
                incident_id = incident.id
                change = partial(self._policy.change, incident=incident, facts=facts(incident_id))
                try:
                    outcome = self._changes.add(incident, change)
                except KBError:
                    pass
                else:
                    self._outcomes[incident_id] = stamps.get(incident_id), outcome
                advance()

    def number_lessons(self) -> None:
        """Give new lessons their ids. Nobody else gets them, even if nothing is written."""
        self._changes.number_lessons()

    def has_all(self, ids: Collection[int]) -> bool:
        """Whether the outcomes of all these incidents are known."""
        return self._outcomes.keys() >= set(ids)

    def report_to(self, report: CollectionReport, ids: Sequence[int]) -> None:
        """Report the outcomes of incidents without writing anything."""
        for incident_id in ids:
            self._outcomes[incident_id][1].report_to(report)

    def write(self, work: UnitOfWork, report: CollectionReport, ids: Sequence[int], pause: Pause) -> None:
        """Write the changes of incidents within a transaction, and report the outcomes.

        All of them are locked (`lock_incidents`). Those that were modified meanwhile are loaded, and changed
        in their current state.
        """
        stamps: dict[int, Hashable] = {}
        for batch in batched(ids, MAX_LISTED_VALUES):
            stamps |= self._policy.stamps(batch)
        ready = [each for each in ids if each in self._outcomes and self._outcomes[each][0] == stamps[each]]
        self.report_to(report, ready)
        self._changes.execute(work, ready, pause)
        for batch in batched(sorted(set(ids) - set(ready)), BATCH_SIZE):
            facts = self._policy.facts(batch)
            for incident in db.session.scalars(select(Incident).where(Incident.id.in_(batch))).all():
                self._policy.change(work, incident, facts(incident.id)).report_to(report)
                pause()
