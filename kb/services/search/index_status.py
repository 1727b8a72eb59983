"""Whether the index that a request has asked holds all changes that its caller may learn of."""

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
"""An index that lacks more changes than this is behind for everybody: looking at them would take too long."""


def reset() -> None:
    """Forget what an earlier request has asked."""
    _status.set(None)


def index_status() -> IndexStatus | None:
    """Whether the index was `current` whenever the current request asked it; None if it did not."""
    return _status.get()


def record_positions(actor: Actor, indexed: Position, committed: Position) -> None:
    """Record what an answer to an actor was made from: the position of the index, and that of the database.

    Only a change that the actor may learn of counts: nobody sees that other teams write.
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
    """Record an answer of an index that is not behind. One that was behind before still counts."""
    if _status.get() is None:
        _status.set("current")


def record_now(actor: Actor) -> None:
    """Record the positions of this moment, for an answer whose headers are sent before the index is asked."""
    try:
        record_positions(actor, engine().position(), change_feed.position())
    except IndexUnusableError:
        return  # whoever asks the index then is told
