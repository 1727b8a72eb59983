"""Drop hits that the actor may not see, and reload outdated ones.

The database decides on every hit, so a stale index neither leaks nor misreports.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from sqlalchemy import select

from kb.batches import batched
from kb.caches import LruCache
from kb.domain.permissions import Actor, may_see
from kb.errors import Unavailable
from kb.messages import Message
from kb.models import ChangeCounter, Incident, db
from kb.models.prepared_select import PreparedSelect
from kb.search.engine import IndexUnusableError, Position
from kb.services.core.incident_lookup import DETAIL_OPTIONS
from kb.services.search.hit_content import to_stored
from kb.services.search.index_status import record_positions
from kb.services.search.sync import refresh_if_stale, repair_in_background

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.domain.incident import Status, Visibility
    from kb.search.engine import Hit, ResultPage

Read = Callable[[bytes], dict[str, Any]]
"""Decodes the stored content of a hit."""

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

_IDS_AT_ONCE = 100
"""How many incidents one statement is about: it is compiled once for each number of them."""

_NO_ID = 0
"""An id that no incident has, for a statement that needs at least one."""

MAX_KEPT_BYTES = 600_000
"""The size of the cache of `kept_content`, some 30 contents: decoded, one is twice as large as in JSON."""

_contents: LruCache[dict[str, Any]] = LruCache(MAX_KEPT_BYTES)


class _IncidentRow(NamedTuple):
    """The facts that decide who may see an incident, and whether the index has its current version."""

    version: int
    status: Status
    visibility: Visibility
    team_id: int


class KnownRows:
    """A cache of the facts that decide who may see incidents, for several pages of hits.

    All rows are as of one position of the database. The cache is cleared when a row is read at a later
    position.
    """

    def __init__(self) -> None:
        self._position: Position | None = None
        self._rows: dict[int, _IncidentRow | None] = {}

    def read(
        self, ids: Sequence[int], indexed: Position
    ) -> tuple[Position, Mapping[int, _IncidentRow | None]]:
        """Return the position of the database, and the rows of incidents found by an index at `indexed`.

        Rows are by id; an incident that is gone is missing, or None.
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
    """Read the position of the database and the rows of some incidents, outside the session's transaction,
    which may have begun before the index was read.

    Of many incidents, they are read one batch after the other; the position is that of the first.
    """
    batches = [[*batch] for batch in batched(ids, _IDS_AT_ONCE)] or [[_NO_ID]]
    found = [_POSITION_AND_ROWS.rows(batch) for batch in batches]
    rows = {row[2]: _IncidentRow(*row[3:]) for batch in found for row in batch if row[2] is not None}
    return Position(*found[0][0][:2]), rows


class VisibleHit(NamedTuple):
    """A hit that the actor may see. `content` is the result of `hit_content.to_stored`."""

    id: int
    score: float
    content: dict[str, Any]
    explanation: Mapping[str, Any] | None
    shared_words: tuple[str, ...]
    shared_concepts: tuple[str, ...]
    word_score: float
    relevant: bool
    shared_observances: tuple[str, ...]

    @classmethod
    def of(cls, hit: Hit, content: dict[str, Any]) -> VisibleHit:
        """A hit of the engine, with the content that the actor may see."""
        return cls(
            id=hit.id,
            score=hit.score,
            content=content,
            explanation=hit.explanation,
            shared_words=hit.shared_words,
            shared_concepts=hit.shared_concepts,
            word_score=hit.word_score,
            relevant=hit.relevant,
            shared_observances=hit.shared_observances,
        )


class SearchOutcome(NamedTuple):
    """The engine's page, its visible hits, their total, and the position of the database at the time."""

    page: ResultPage
    hits: list[VisibleHit]
    total: int
    position: Position


def kept_content(stored: bytes) -> dict[str, Any]:
    """Decode the stored content of a hit, memoized by its bytes across indexes.

    Decoding takes longer than looking it up here. It is for callers that find the same hits again and again,
    such as the rows of a calendar; they share the result and must not change it. The key is a 64-bit hash
    with a secret of the process.
    """
    return _contents.get_or_create(
        (hash(stored), len(stored)), lambda: orjson.loads(stored), lambda _: 2 * len(stored)
    )


def find_visible(
    actor: Actor,
    ask: Callable[[], ResultPage],
    read: Read | None = orjson.loads,
    known: KnownRows | None = None,
) -> SearchOutcome:
    """Query the engine, and drop the hits that the actor may not see.

    `read` decodes stored contents, which are left empty without it; `known` caches the rows that recent
    queries have read.

    An index that lags behind still answers, is updated in the background, and makes `index_status` report
    it. Raises Unavailable while the index is being rebuilt.
    """
    page, position, rows = _ask(actor, ask, known or KnownRows())
    hits = []
    for hit in page.hits:
        content = _visible_content(actor, hit, rows.get(hit.id), read)
        if content is not None:
            hits.append(VisibleHit.of(hit, content))
    # If the index is stale, only the hits of this page can be checked.
    total = page.total - (len(page.hits) - len(hits))
    return SearchOutcome(page, hits, total, position)


def _ask(
    actor: Actor, ask: Callable[[], ResultPage], known: KnownRows
) -> tuple[ResultPage, Position, Mapping[int, _IncidentRow | None]]:
    """Query the engine; return its page, with the position of the database and the rows of the hits."""
    try:
        page = ask()
        position, rows = known.read([hit.id for hit in page.hits], page.position)
        refresh_if_stale(page.position, position)
        record_positions(actor, page.position, position)
    except IndexUnusableError as error:
        log.warning("Search fails: %s", error)
        repair_in_background()
        raise Unavailable(
            Message("The search index is being rebuilt. Try again in a few seconds.")
        ) from error
    return page, position, rows


def _visible_content(
    actor: Actor, hit: Hit, row: _IncidentRow | None, read: Read | None
) -> dict[str, Any] | None:
    """The current content of a hit; None if the actor may not see it."""
    if row is None or not may_see(actor, row):
        return None
    if read is None:
        return {}
    content = read(hit.stored)
    if content["version"] == row.version:
        return content
    incident = _load(hit.id)
    return to_stored(incident) if may_see(actor, incident) else None


def _load(incident_id: int) -> Incident:
    """Load an incident that has changed since it was indexed, or since its row was read."""
    statement = select(Incident).where(Incident.id == incident_id).options(*DETAIL_OPTIONS)
    return db.session.scalars(statement).one()
