"""From what an engine found to what may be shown of it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from sqlalchemy import select

from kb.domain.permissions import Actor, may_see
from kb.errors import Unavailable
from kb.models import ChangeCounter, Incident, db
from kb.models.prepared import Prepared
from kb.search.engine import IndexUnusableError, Position
from kb.services.core.incident_lookup import DETAIL_OPTIONS
from kb.services.search.hit_content import to_stored
from kb.services.search.sync import refresh_if_stale, repair_in_background

if TYPE_CHECKING:
    from collections.abc import Callable

    from kb.domain.incident import Status, Visibility
    from kb.search.engine import Hit, ResultPage

log = logging.getLogger(__name__)


_FACTS = Prepared(
    lambda ids: (
        select(
            ChangeCounter.database,
            ChangeCounter.seq,
            Incident.id,
            Incident.version,
            Incident.status,
            Incident.visibility,
            Incident.team_id,
        )
        .select_from(ChangeCounter)
        .outerjoin(Incident, Incident.id.in_(ids))
    )
)
"""How far the database is, and what it says of some incidents: one row each, at least one."""


_NO_ID = 0
"""Of no incident: the database says how far it is, and nothing else."""


class _Facts(NamedTuple):
    """What the database says of an incident that was found."""

    version: int
    status: Status
    visibility: Visibility
    team_id: int


class VisibleHit(NamedTuple):
    """A hit that may be shown, and what is shown of the incident."""

    hit: Hit
    incident: dict[str, Any]


class SearchOutcome(NamedTuple):
    """A page as the engine gave it; its hits that may be shown; the total without the others; and how far the
    database was.
    """

    page: ResultPage
    shown: list[VisibleHit]
    total: int
    position: Position


def find(actor: Actor, ask: Callable[[], ResultPage]) -> SearchOutcome:
    """Ask the engine, and the database what of its answer may be shown.

    An index that is behind answers all the same, and is brought up to date meanwhile. Raises Unavailable
    while it is being rebuilt.
    """
    try:
        page = ask()
        # Not in the session's transaction, which may have begun before the index was read.
        rows = _FACTS.rows([hit.id for hit in page.hits] or [_NO_ID])
        position = Position(*rows[0][:2])
        refresh_if_stale(page.position, position)
    except IndexUnusableError as error:
        log.warning("Search fails: %s", error)
        repair_in_background()
        raise Unavailable("The search index is being rebuilt. Try again in a few seconds.") from error
    facts = {row[2]: _Facts(*row[3:]) for row in rows}
    shown = []
    for hit in page.hits:
        row = facts.get(hit.id)
        if row is not None and may_see(actor, row):
            incident = orjson.loads(hit.stored)
            if incident["version"] != row.version:
                incident = _load(hit.id)
            shown.append(VisibleHit(hit, incident))
    return SearchOutcome(page, shown, page.total - (len(page.hits) - len(shown)), position)


def _load(incident_id: int) -> dict[str, Any]:
    """An incident that has changed since it was indexed."""
    statement = select(Incident).where(Incident.id == incident_id).options(*DETAIL_OPTIONS)
    return to_stored(db.session.scalars(statement).one())
