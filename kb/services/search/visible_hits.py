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
    from collections.abc import Callable, Mapping, Sequence

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
"""The size of the contents that `kept_content` keeps, some 30: read, one is twice as large as in JSON."""

_contents: LruCache[dict[str, Any]] = LruCache(MAX_KEPT_BYTES)


class _IncidentRow(NamedTuple):
    """What decides who sees an incident, and whether the index has its current version."""

    version: int
    status: Status
    visibility: Visibility
    team_id: int


class KnownRows:
    """What decides who sees incidents, read once for several pages of hits.

    All of it is as of one position of the database. Once a row is read from a later one, or the index is at a
    later one, it starts anew.
    """

    def __init__(self) -> None:
        self._position: Position | None = None
        self._rows: dict[int, _IncidentRow | None] = {}

    def read(
        self, ids: Sequence[int], indexed: Position
    ) -> tuple[Position, Mapping[int, _IncidentRow | None]]:
        """The position of the database, and the rows of some incidents that an index at a position has found.

        By id, without those that are gone, or with None.
        """
        known = self._position
        missing = [incident for incident in ids if incident not in self._rows]
        if known is not None and not missing and known.seq >= indexed.seq:
            return known, self._rows
        position, found = _read_rows(missing)
        if known is not None and position != known:
            position, found = _read_rows(ids)
            self._rows = {}
        self._position = position
        self._rows |= {**dict.fromkeys(missing), **found}
        return position, self._rows


def _read_rows(ids: Sequence[int]) -> tuple[Position, dict[int, _IncidentRow]]:
    """The position of the database, and the rows of some incidents, outside the session's transaction: that
    may have begun before the index was read."""
    rows = _POSITION_AND_ROWS.rows([*ids] or [_NO_ID])
    return Position(*rows[0][:2]), {row[2]: _IncidentRow(*row[3:]) for row in rows if row[2] is not None}


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
    again, such as the rows of a calendar; they share what it returns, and change nothing in it. A hash of 64
    bits with a secret of the process tells bytes apart.
    """
    return _contents.get_or_create(
        (hash(stored), len(stored)), lambda: orjson.loads(stored), lambda _: 2 * len(stored)
    )


def find_visible(
    actor: Actor,
    ask: Callable[[], ResultPage],
    read: Callable[[bytes], dict[str, Any]] = orjson.loads,
    known: KnownRows | None = None,
) -> SearchOutcome:
    """Ask the engine, and drop the hits that the actor may not see.

    `read` makes contents of what is stored; `known` is what questions shortly before this one have read.

    An index that lags behind answers all the same, is brought up to date in the background, and makes
    `index_status` say so. Raises Unavailable while the index is being rebuilt.
    """
    try:
        page = ask()
        position, by_id = (known or KnownRows()).read([hit.id for hit in page.hits], page.position)
        refresh_if_stale(page.position, position)
        record_positions(actor, page.position, position)
    except IndexUnusableError as error:
        log.warning("Search fails: %s", error)
        repair_in_background()
        raise Unavailable(
            Message("The search index is being rebuilt. Try again in a few seconds.")
        ) from error
    hits = []
    for hit in page.hits:
        row = by_id.get(hit.id)
        if row is not None and may_see(actor, row):
            content = read(hit.stored)
            if content["version"] != row.version:
                incident = _load(hit.id)
                if not may_see(actor, incident):
                    continue
                content = to_stored(incident)
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


def _load(incident_id: int) -> Incident:
    """An incident that has changed since it was indexed, or since its row was read."""
    statement = select(Incident).where(Incident.id == incident_id).options(*DETAIL_OPTIONS)
    return db.session.scalars(statement).one()
