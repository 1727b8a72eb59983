"""Drop the hits that the actor may not see, and reload those that are outdated.

The database has the last word on every hit: a stale index neither leaks nor lies.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from sqlalchemy import select

from kb.domain.permissions import Actor, may_see
from kb.errors import Unavailable
from kb.messages import Message
from kb.models import ChangeCounter, Incident, db
from kb.models.prepared import PreparedSelect
from kb.search.cache import LruCache
from kb.search.engine import IndexUnusableError, Position
from kb.services.core.incident_lookup import DETAIL_OPTIONS
from kb.services.search.hit_content import to_stored
from kb.services.search.index_status import record_positions
from kb.services.search.sync import refresh_if_stale, repair_in_background

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kb.domain.incident import Status, Visibility
    from kb.search.engine import ResultPage

log = logging.getLogger(__name__)

_POSITION_AND_ROWS = PreparedSelect(
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
"""The database's position, joined with the version and visibility of each incident. One row even if none
matches."""

_NO_ID = 0
"""The id of no incident, for a statement that needs one."""

MAX_KEPT_BYTES = 600_000
"""The size of the contents that `kept_content` keeps, as JSON and read: those of some 30 incidents."""

_contents: LruCache[dict[str, Any]] = LruCache(MAX_KEPT_BYTES)


class _IncidentRow(NamedTuple):
    """What decides who sees an incident, and whether the index has its current version."""

    version: int
    status: Status
    visibility: Visibility
    team_id: int


class VisibleHit(NamedTuple):
    """A hit that the actor may see. `content` is what `hit_content.to_stored` makes of the incident."""

    id: int
    score: float
    content: dict[str, Any]
    explanation: Mapping[str, Any] | None
    shared_words: tuple[str, ...]
    shared_concepts: tuple[str, ...]
    word_score: float
    relevant: bool


class SearchOutcome(NamedTuple):
    """The engine's page, its visible hits, their total, and the position of the database meanwhile."""

    page: ResultPage
    hits: list[VisibleHit]
    total: int
    position: Position


def kept_content(stored: bytes) -> dict[str, Any]:
    """The content that the engine stores of a hit, read once for the same bytes, of whichever index.

    To read it takes longer than to find it. It is for callers that the same hits are found for again and
    again, such as the rows of a calendar; they share what it returns, and change nothing in it.
    """
    return _contents.get_or_create(stored, lambda: orjson.loads(stored), lambda _: len(stored))


def find_visible(
    actor: Actor, ask: Callable[[], ResultPage], read: Callable[[bytes], dict[str, Any]] = orjson.loads
) -> SearchOutcome:
    """Ask the engine, and drop the hits that the actor may not see. `read` makes contents of what is stored.

    An index that lags behind answers all the same, is brought up to date in the background, and makes
    `index_status` say so. Raises Unavailable while the index is being rebuilt.
    """
    try:
        page = ask()
        # Outside the session's transaction, which may have begun before the index was read.
        rows = _POSITION_AND_ROWS.rows([hit.id for hit in page.hits] or [_NO_ID])
        position = Position(*rows[0][:2])
        refresh_if_stale(page.position, position)
        record_positions(actor, page.position, position)
    except IndexUnusableError as error:
        log.warning("Search fails: %s", error)
        repair_in_background()
        raise Unavailable(
            Message("The search index is being rebuilt. Try again in a few seconds.")
        ) from error
    by_id = {row[2]: _IncidentRow(*row[3:]) for row in rows}
    hits = []
    for hit in page.hits:
        row = by_id.get(hit.id)
        if row is not None and may_see(actor, row):
            content = read(hit.stored)
            if content["version"] != row.version:
                content = _load_content(hit.id)
            hits.append(
                VisibleHit(
                    hit.id,
                    hit.score,
                    content,
                    hit.explanation,
                    hit.shared_words,
                    hit.shared_concepts,
                    hit.word_score,
                    hit.relevant,
                )
            )
    # Of a stale index, only the hits of this page can be checked.
    total = page.total - (len(page.hits) - len(hits))
    return SearchOutcome(page, hits, total, position)


def _load_content(incident_id: int) -> dict[str, Any]:
    """The content of an incident that has changed since it was indexed."""
    statement = select(Incident).where(Incident.id == incident_id).options(*DETAIL_OPTIONS)
    return to_stored(db.session.scalars(statement).one())
