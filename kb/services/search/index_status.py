"""Whether the index behind an answer contained all changes that the caller may learn of."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Literal

from kb.search.engine import IndexUnusableError
from kb.services.core import change_feed
from kb.services.infrastructure.runtime import engine

if TYPE_CHECKING:
    from kb.domain.permissions import Actor
    from kb.search.engine import Position

IndexStatus = Literal["current", "pending"]

_status: ContextVar[IndexStatus | None] = ContextVar("index_status", default=None)

_MAX_CHANGES = 1_000
"""An index that lacks more changes than this counts as behind for everyone: examining them takes too long."""


def reset() -> None:
    """Forget the status of an earlier request."""
    _status.set(None)


def index_status() -> IndexStatus | None:
    """Whether the index was `current` at every query of the current request; None if there was no query."""
    return _status.get()


def record_positions(actor: Actor, indexed: Position, committed: Position) -> None:
    """Record the positions of the index and of the database that an answer to an actor was made from.

    Only changes that the actor may learn of count, so that writes of other teams stay hidden.
    """
    missing = committed.seq - indexed.seq
    is_behind = missing > _MAX_CHANGES or (
        missing > 0 and change_feed.has_visible_change(actor, indexed.seq, committed.seq)
    )
    if is_behind:
        _status.set("pending")
    else:
        record_current()


def record_current() -> None:
    """Record an answer of an index that is not behind. An earlier `pending` stays."""
    if _status.get() is None:
        _status.set("current")


def record_now(actor: Actor) -> None:
    """Record the current positions, for an answer whose headers are sent before the index is queried."""
    try:
        record_positions(actor, engine().position(), change_feed.position())
    except IndexUnusableError:
        return  # the query that follows raises it
