"""Responses of searches, cached as they were sent until something changes. Figures: docs/decisions/0017."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kb.search.cache import LruCache
from kb.search.engine import IndexUnusableError
from kb.services.core import change_feed
from kb.services.infrastructure.runtime import engine

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from kb.search.engine import Position

_BYTES = 6_000_000
"""How much a process remembers: some 350 pages of ten incidents."""


class _Answer(NamedTuple):
    """An answer, and of which state of the index and of the database it is true."""

    body: bytes
    state: Hashable
    position: Position


_answers: LruCache[_Answer] = LruCache(_BYTES)


def cached_response(key: Hashable, make: Callable[[], tuple[bytes, Position | None]]) -> bytes:
    """An answer that depends on `key`, the index and the incidents only; made unless it is known.

    `make` says as well at which change the index and the database were when it was true; None where they
    were not at the same. Each change of an incident is counted in its own transaction, so that as long as the
    count stands, nothing that was shown has become hidden.
    """
    try:
        state = engine().state()
    except IndexUnusableError:
        return make()[0]
    known = _answers.get(key)
    if known is not None and known.state == state and known.position == change_feed.position():
        return known.body
    body, position = make()
    if position is not None:
        _answers.put(key, _Answer(body, state, position), len(body))
    return body
