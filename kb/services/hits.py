"""From what an engine found to what may be shown of it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from sqlalchemy import bindparam, select

from kb.domain.permissions import Actor, may_see
from kb.errors import Unavailable
from kb.models import ChangeCounter, Incident, db
from kb.search.engine import IndexUnusableError, Position
from kb.services.access import ALL_PARTS
from kb.services.index_sync import follow, mend_in_background
from kb.services.showing import showable

if TYPE_CHECKING:
    from collections.abc import Callable

    from kb.search.engine import Hit, ResultPage

log = logging.getLogger(__name__)


_FACTS = (
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
    .outerjoin(Incident, Incident.id.in_(bindparam("ids", expanding=True)))
)
"""How far the database is, and what it says of some incidents: one row each, at least one."""


class Shown(NamedTuple):
    """A hit that may be shown, and what is shown of the incident."""

    hit: Hit
    incident: dict[str, Any]


class Found(NamedTuple):
    """A page as the engine gave it; its hits that may be shown; and the total without the others."""

    page: ResultPage
    shown: list[Shown]
    total: int


def find(actor: Actor, ask: Callable[[], ResultPage]) -> Found:
    """Ask the engine, and the database what of its answer may be shown.

    An index that is behind answers all the same, and is brought up to date meanwhile. Raises Unavailable
    while it is being rebuilt.
    """
    try:
        page = ask()
        # A connection of its own: the session's transaction may have begun before the index was read.
        with db.engine.connect() as connection:
            facts = connection.execute(_FACTS, {"ids": [hit.id for hit in page.hits]}).all()
            follow(page.position, Position(facts[0].database, facts[0].seq), connection)
    except IndexUnusableError as error:
        log.warning("Search fails: %s", error)
        mend_in_background()
        raise Unavailable("The search index is being rebuilt. Try again in a few seconds.") from error
    rows = {row.id: row for row in facts}
    shown = []
    for hit in page.hits:
        row = rows.get(hit.id)
        if row is not None and may_see(actor, row):
            incident = orjson.loads(hit.stored)
            if incident["version"] != row.version:
                incident = _load(hit.id)
            shown.append(Shown(hit, incident))
    return Found(page, shown, page.total - (len(page.hits) - len(shown)))


def _load(incident_id: int) -> dict[str, Any]:
    """An incident that has changed since it was indexed."""
    statement = select(Incident).where(Incident.id == incident_id).options(*ALL_PARTS)
    return showable(db.session.scalars(statement).one())
