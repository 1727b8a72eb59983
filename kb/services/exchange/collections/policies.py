"""Update the stored incidents of a collection, and withdraw those that it no longer has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kb.domain.collection import KeptReason
from kb.domain.incident import Operation, Status
from kb.domain.permissions import is_public
from kb.domain.workflow import OPERATIONS, Step
from kb.models import db
from kb.services.core.staged_changes import versions_of
from kb.services.core.system_actors import COLLECTOR
from kb.services.exchange.collections.people import (
    edited_among,
    last_written_by_people,
    reasons_to_keep,
    work_with,
)
from kb.services.exchange.collections.staged_updates import Outcome, kept_outcome
from kb.services.incidents.content.tags import learn_spellings
from kb.services.incidents.filing.upsert import update_stored
from kb.services.review.obstacles import open_comments_on
from kb.services.review.steps import take_step
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kb.models import Incident
    from kb.services.core.unit_of_work import UnitOfWork

    Input = Mapping[str, Any]


class _Facts(NamedTuple):
    """What people did with an incident."""

    is_edited: bool
    is_last_by_people: bool


class UpdatePolicy:
    """Updates incidents from a collection.

    Incidents that people have edited or withdrawn stay as they are; incidents that were withdrawn with the
    collection are restored. `spellings` has the known tags, and gains new ones.
    """

    def __init__(
        self, key: str, inputs: Mapping[str, Input], team_id: int, spellings: dict[str, str]
    ) -> None:
        self._key, self._inputs = key, inputs
        self._team_id, self._spellings = team_id, spellings
        self._terms = TermLookup(attached=False)

    def stamps(self, ids: Sequence[int]) -> Mapping[int, tuple[int, int]]:
        """The versions of incidents, with their numbers of open comments.

        Comments do not raise the version, but may keep an incident from being restored.
        """
        comments = open_comments_on(ids)
        return {each: (version, comments.get(each, 0)) for each, version in versions_of(ids).items()}

    def facts(self, ids: Sequence[int]) -> Callable[[int], _Facts]:
        """What people did with incidents, by id."""
        edited, last_by_people = edited_among(ids), last_written_by_people(ids)
        return lambda incident_id: _Facts(incident_id in edited, incident_id in last_by_people)

    def change(self, work: UnitOfWork, incident: Incident, facts: _Facts) -> Outcome:
        """Update or restore an incident, or leave it unchanged."""
        if incident.collection is None or incident.collection.key != self._key:
            return kept_outcome(incident, [KeptReason.FILED_HERE])
        if incident.status is Status.WITHDRAWN:
            if facts.is_last_by_people:
                return kept_outcome(incident, [KeptReason.WITHDRAWN])
            return self._restore(work, incident, facts)
        if facts.is_edited:
            return kept_outcome(incident, [KeptReason.EDITED])
        return Outcome("updated" if self._update(work, incident) else "unchanged")

    def _restore(self, work: UnitOfWork, incident: Incident, facts: _Facts) -> Outcome:
        """Restore a withdrawn incident: with the collection's texts, or with people's if they edited it."""
        _take(work, incident, Step.REOPEN)
        if facts.is_edited:
            _take(work, incident, Step.PUBLISH)
            return kept_outcome(incident, [KeptReason.EDITED], "restored")
        self._update(work, incident)
        return Outcome("restored")

    def _update(self, work: UnitOfWork, incident: Incident) -> bool:
        """Write the collection's texts and facts. Returns whether anything has changed."""
        data = dict(self._inputs[incident.external_id or ""])
        data.pop("slug", None)  # the slug of a published incident is fixed
        learn_spellings(self._spellings, self._team_id, [data])
        terms = TermLookup() if incident in db.session else self._terms
        terms.errors.clear()
        return update_stored(work, COLLECTOR, incident, data, terms, spellings=self._spellings)


class WithdrawalPolicy:
    """Withdraws incidents, except those that people have edited or work with, unless `edited` is given."""

    def __init__(self, *, edited: bool) -> None:
        self._takes_edited = edited

    def stamps(self, ids: Sequence[int]) -> Mapping[int, tuple[int, tuple[KeptReason, ...]]]:
        """The versions of incidents, with the work that people attach to them: a comment does not raise the
        version.
        """
        work = {} if self._takes_edited else work_with(ids)
        return {
            incident_id: (version, tuple(work.get(incident_id, ())))
            for incident_id, version in versions_of(ids).items()
        }

    def facts(self, ids: Sequence[int]) -> Callable[[int], Sequence[KeptReason]]:
        """The reasons to keep incidents, by id."""
        reasons = {} if self._takes_edited else reasons_to_keep(ids)
        return lambda incident_id: reasons.get(incident_id, [])

    def change(self, work: UnitOfWork, incident: Incident, facts: Sequence[KeptReason]) -> Outcome:
        """Withdraw an incident, or keep it as it is."""
        if incident.status is Status.WITHDRAWN:
            return Outcome()
        if facts:
            return kept_outcome(incident, facts)
        was_public = is_public(incident.status, incident.visibility)
        take_step(work, COLLECTOR, incident, Step.WITHDRAW, None)
        work.record(incident, Operation.WITHDRAWN, COLLECTOR, was_public=was_public)
        return Outcome("withdrawn")


def _take(work: UnitOfWork, incident: Incident, step: Step) -> None:
    take_step(work, COLLECTOR, incident, step, None)
    work.record(incident, OPERATIONS[step], COLLECTOR)
