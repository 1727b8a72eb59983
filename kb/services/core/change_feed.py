"""The change feed, as each reader may know it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, or_, select, true

from kb.domain.dates import iso
from kb.domain.permissions import Action, Actor, teams_of
from kb.models import Change, ChangeCounter, db
from kb.models.prepared import Prepared
from kb.search.engine import Position
from kb.services.core.authorization import require

if TYPE_CHECKING:
    from collections.abc import Sequence

_POSITION = Prepared(lambda _: select(ChangeCounter.database, ChangeCounter.seq))


def position() -> Position:
    """The database's id and the `seq` of its last committed change.

    Read outside the session's transaction: a session that began earlier may still see an older state.
    """
    return Position(*_POSITION.rows(())[0])


def list_changes(actor: Actor, since: int, limit: int) -> dict[str, Any]:
    """The next changes after `since`, in the order of their commits.

    A reader learns of the writes to incidents of its own team, and of those that were public before or after
    the write: so it also learns that one has gone, and never of one that it could not see.
    """
    require(actor, Action.READ)
    statement = select(Change).where(Change.seq > since, _known_to(actor)).order_by(Change.seq).limit(limit)
    return _page(db.session.scalars(statement).all(), since)


def latest_changes(actor: Actor, limit: int) -> dict[str, Any]:
    """The last changes that a reader may know of, the latest first: what a feed reader expects."""
    require(actor, Action.READ)
    statement = select(Change).where(_known_to(actor)).order_by(Change.seq.desc()).limit(limit)
    return _page(db.session.scalars(statement).all(), 0)


def _page(rows: Sequence[Change], since: int) -> dict[str, Any]:
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
        "since": max((row.seq for row in rows), default=since),
    }


def _known_to(actor: Actor) -> ColumnElement[bool]:
    if actor.sees_everything:
        return true()
    if teams := teams_of(actor):
        return or_(Change.public, Change.team_id.in_(teams))
    return Change.public.is_(True)
