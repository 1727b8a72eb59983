"""Streams that are read in one transaction, even after the view that began them has returned."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from kb.models import db
from kb.models.session import session_scope

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_Item = TypeVar("_Item")


def in_own_session(items: Generator[_Item]) -> Iterator[_Item]:
    """Yield the items of a generator, which has its own session from the first to the last.

    The session of a request is removed when its view returns, so later items would be read in another
    transaction. Ends the transaction of the current session.
    """
    db.session.rollback()  # return its connection to the pool: a request holds one at a time
    scope = object()
    try:
        while True:
            # Enter the scope for each step, since another thread may run the next one.
            with session_scope(scope):
                try:
                    item = next(items)
                except StopIteration:
                    return
            yield item
    finally:
        with session_scope(scope):
            items.close()
            db.session.remove()
