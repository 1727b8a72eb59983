"""Find the incidents whose example drafts a draft resembles, whether or not the actor may see them.

The engine drops those that the actor may not see.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import select

from kb.caches import RecentValues
from kb.domain.guard import LESSON_PREFIX
from kb.guards.example_drafts import (
    ExampleDraft,
    ExampleDrafts,
    analyzed_example_drafts,
    shipped_example_drafts,
)
from kb.models import Incident, db
from kb.services.core.active_guards import active_lesson_guards

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.example_drafts import Resemblance
    from kb.guards.ruleset import Ruleset
    from kb.search.concepts import ConceptTable
    from kb.search.engine import Position

MIN_REPORTED_SCORE = 0.2
"""The minimum score at which a draft is reported to resemble an incident's example."""

_MAX_DATABASES = 4


class _CachedIncidents(NamedTuple):
    """The incidents by external id, as of a position."""

    position: Position
    incidents: Mapping[str, Sequence[int]]


_incidents: RecentValues[_CachedIncidents] = RecentValues(_MAX_DATABASES)
_lesson_examples: WeakKeyDictionary[Ruleset, ExampleDrafts] = WeakKeyDictionary()


def resemblances(draft: AnalyzedDraft, ruleset: Ruleset, position: Position) -> dict[int, Resemblance]:
    """Return how much a draft resembles the examples of each incident, or of its lessons' guards.

    `position` is the latest change that the ruleset takes into account.
    """
    examples = _shipped(draft.concept_table)
    compared = examples.compare(draft)
    incidents = _incidents_with_examples(position)
    shipped = examples.resemblances(compared, among=incidents)
    found = {
        incident: resemblance
        for external_id, resemblance in shipped.items()
        for incident in incidents.get(str(external_id), ())
    }
    for incident, resemblance in _of_lessons(ruleset).resemblances(compared).items():
        assert isinstance(incident, int)
        if incident not in found or found[incident].score < resemblance.score:
            found[incident] = resemblance
    return found


def reported_examples(found: Mapping[int, Resemblance]) -> dict[int, str]:
    """The nearest example of each incident that a draft resembles enough to report."""
    return {
        incident: resemblance.nearest
        for incident, resemblance in found.items()
        if resemblance.score >= MIN_REPORTED_SCORE
    }


@lru_cache(maxsize=2)
def _shipped(table: ConceptTable) -> ExampleDrafts:
    return analyzed_example_drafts(table)


def _of_lessons(ruleset: Ruleset) -> ExampleDrafts:
    """The bad examples of lessons' guards, as examples of the incidents; analyzed once per ruleset."""
    known = _lesson_examples.get(ruleset)
    if known is None:
        incidents = {f"{LESSON_PREFIX}{row.lesson_id}": row.incident_id for row in active_lesson_guards()}
        examples = [
            ExampleDraft(draft.text, (incidents[guard.key],))
            for guard in (compiled.guard for compiled in ruleset.guards)
            if guard.key in incidents
            for draft in guard.bad
        ]
        known = ExampleDrafts(examples, ruleset.concepts, _shipped(ruleset.concepts))
        _lesson_examples[ruleset] = known
    return known


@lru_cache(maxsize=1)
def _external_ids() -> tuple[str, ...]:
    return tuple(sorted({str(key) for each in shipped_example_drafts() for key in each.like}))


def _incidents_with_examples(position: Position) -> Mapping[str, Sequence[int]]:
    """The incidents with the external ids of the examples; cached until an incident is written."""
    key = (db.engine.url.database, position.database_id)
    known = _incidents.get(key)
    if known is not None and known.position == position:
        return known.incidents
    columns = select(Incident.external_id, Incident.id).where(Incident.external_id.in_(_external_ids()))
    incidents: dict[str, list[int]] = {}
    for external_id, incident_id in db.session.execute(columns.order_by(Incident.id)):
        incidents.setdefault(external_id or "", []).append(incident_id)
    _incidents[key] = _CachedIncidents(position, incidents)
    return incidents
