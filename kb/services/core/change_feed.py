"""The change feed, filtered to the changes that each reader may learn of."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, func, or_, select, true

from kb.domain.dates import iso
from kb.domain.permissions import Action, Actor, teams_of
from kb.models import Change, ChangeCounter, db
from kb.models.prepared_select import PreparedSelect
from kb.search.engine import Position
from kb.services.core.authorization import require

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection, Select

POSITION = select(ChangeCounter.database, ChangeCounter.seq)
"""Selects the position of the database; run it in the transaction whose state it should describe."""

_POSITION = PreparedSelect(lambda _: POSITION)


def position() -> Position:
    """The database's id and the `seq` of its last committed change.

    Read outside the session's transaction: a session that began earlier may still see an older state.
    """
    return Position(*_POSITION.rows(())[0])


def position_in_session() -> Position:
    """The position of the state that the session's transaction sees, which may be older."""
    return Position(*db.session.execute(POSITION).one())


def list_changes(actor: Actor, since: int, limit: int) -> dict[str, Any]:
    """List the changes after `since`, in commit order.

    A reader gets writes to incidents of its own teams, and to incidents that were public before or after the
    write. So it learns that an incident is gone, but nothing about incidents that it could never see.
    """
    require(actor, Action.READ)
    statement = (
        select(Change).where(Change.seq > since, visible_changes(actor)).order_by(Change.seq).limit(limit)
    )
    rows = db.session.scalars(statement).all()
    return {
        "items": [
            {
                "seq": row.seq,
                "incident": row.incident_id,
                "operation": row.operation,
                "version": row.version,
                "at": iso(row.at),
            }
            for row in rows
        ],
        "since": rows[-1].seq if rows else since,
    }


def visible_seq(actor: Actor, until: int, connection: Connection) -> int:
    """The `seq` of the last change up to `until` that an actor may learn of, 0 if there is none.

    A later `seq` would reveal writes that the actor may not see.
    """
    if actor.sees_everything:
        return until
    return connection.scalar(_last_visible(until, teams_of(actor))) or 0


def committed_visible_seq(actor: Actor, until: Position) -> int:
    """Return `visible_seq` for a position that is committed. It is read once: changes are never rewritten."""
    if actor.sees_everything:
        return until.seq
    return _committed_visible_seq(db.engine.url.database, until, teams_of(actor))


@lru_cache(maxsize=512)
def _committed_visible_seq(_database: str | None, until: Position, teams: frozenset[int]) -> int:
    return _LAST_VISIBLE.rows([until.seq, *teams])[0][0] or 0


def has_visible_change(actor: Actor, since: int, until: int) -> bool:
    """Whether an actor may learn of a committed change after `since`, up to `until`.

    Uses a separate transaction.
    """
    if actor.sees_everything:
        return since < until
    return bool(_ANY_VISIBLE.rows([since, until, *teams_of(actor)]))


@lru_cache(maxsize=64)
def committed_at(_database_id: str, seq: int) -> datetime | None:
    """The time of a committed change of a database; None if there is none. It is read once, since changes are
    never rewritten."""
    for (at,) in _COMMITTED_AT.rows([seq]):
        moment = datetime.fromisoformat(at) if isinstance(at, str) else at  # SQLite has no times
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def visible_changes(actor: Actor) -> ColumnElement[bool]:
    """The SQL condition for the changes that an actor may learn of."""
    if actor.sees_everything:
        return true()
    return _public_or_of(teams_of(actor))


def _public_or_of(teams: Collection[Any]) -> ColumnElement[bool]:
    """The condition that a change is public, or of one of some teams, which may be bind parameters."""
    return or_(Change.public, Change.team_id.in_(teams)) if teams else Change.public.is_(True)


def _last_visible(until: Any, teams: Collection[Any]) -> Select[*tuple[Any, ...]]:
    return select(func.max(Change.seq)).where(Change.seq <= until, _public_or_of(teams))


def _any_visible(since: Any, until: Any, teams: Collection[Any]) -> Select[*tuple[Any, ...]]:
    within = (Change.seq > since, Change.seq <= until)
    return select(Change.seq).where(*within, _public_or_of(teams)).limit(1)


_COMMITTED_AT = PreparedSelect(lambda values: select(Change.at).where(Change.seq == values[0]))
_ANY_VISIBLE = PreparedSelect(lambda values: _any_visible(values[0], values[1], values[2:]))
_LAST_VISIBLE = PreparedSelect(lambda values: _last_visible(values[0], values[1:]))
