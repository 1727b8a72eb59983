"""Which incidents a draft resembles by their example drafts, whoever may see them: the engine leaves out what
the actor may not."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from kb.guards.example_drafts import ExampleDrafts, shipped_example_drafts
from kb.models import Incident, db
from kb.services.core import change_feed

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.example_drafts import Resemblance
    from kb.search.concepts import ConceptTable
    from kb.search.engine import Position

LEAST_TOLD = 0.2
"""How much a draft must resemble an incident's examples that it is said to read like one."""

_MAX_DATABASES = 4


class _Known(NamedTuple):
    """The incidents by external id, as of a position."""

    position: Position
    incidents: Mapping[str, Sequence[int]]


_lock = threading.Lock()
_known: OrderedDict[Hashable, _Known] = OrderedDict()


def resemblances(draft: AnalyzedDraft) -> dict[int, Resemblance]:
    """By incident, how much a draft resembles its example drafts."""
    found = _example_drafts(draft.concept_table).resemblances(draft)
    incidents = _incidents_with_examples()
    return {
        incident: resemblance
        for external_id, resemblance in found.items()
        for incident in incidents.get(external_id, ())
    }


def nearest_example(resemblance: Resemblance | None) -> str | None:
    """The example that a draft reads like; None if it does not resemble any enough."""
    if resemblance is None or resemblance.score < LEAST_TOLD:
        return None
    return resemblance.nearest


@lru_cache(maxsize=2)
def _example_drafts(table: ConceptTable) -> ExampleDrafts:
    return ExampleDrafts(shipped_example_drafts(), table)


@lru_cache(maxsize=1)
def _external_ids() -> tuple[str, ...]:
    return tuple(sorted({key for each in shipped_example_drafts() for key in each.like}))


def _incidents_with_examples() -> Mapping[str, Sequence[int]]:
    """The incidents with the external ids of the examples; read again when an incident was written."""
    position = change_feed.position()
    key = (db.engine.url, position.database_id)
    with _lock:
        known = _known.get(key)
    if known is not None and known.position == position:
        return known.incidents
    position = change_feed.position_in_session()
    columns = select(Incident.external_id, Incident.id).where(Incident.external_id.in_(_external_ids()))
    incidents: dict[str, list[int]] = {}
    for external_id, incident_id in db.session.execute(columns.order_by(Incident.id)).tuples():
        incidents.setdefault(external_id or "", []).append(incident_id)
    with _lock:
        _known[key] = _Known(position, incidents)
        _known.move_to_end(key)
        while len(_known) > _MAX_DATABASES:
            _known.popitem(last=False)
    return incidents
