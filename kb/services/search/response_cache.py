"""Encoded search results, reused while nothing that they depend on has changed (docs/decisions/0017)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kb.caches import LruCache
from kb.domain.language import languages_for
from kb.domain.permissions import Action, Actor, audiences_for
from kb.models.base import utc_now
from kb.search.engine import IndexUnusableError
from kb.services.core import change_feed
from kb.services.core.authorization import require
from kb.services.infrastructure.runtime import engine
from kb.services.search.index_status import record_current
from kb.services.search.search import SearchResults, search

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from kb.search.engine import Position
    from kb.services.search.finding import SearchRequest

    Encode = Callable[[SearchResults], bytes]

MAX_BYTES = 6_000_000
"""The size of the cache of a process: some 350 pages of ten incidents."""


class _CachedResponse(NamedTuple):
    """An encoded response, with the index state and the database position that it was made from."""

    body: bytes
    index_state: Hashable
    position: Position


_responses: LruCache[_CachedResponse] = LruCache(MAX_BYTES)


def cached_search(actor: Actor, request: SearchRequest, encode: Encode) -> bytes:
    """Return the encoded results of a search, from the cache while they are current.

    Every write increments the change feed's counter in its own transaction: while the counter is unchanged,
    nothing in a response has been hidden since. Raises Unavailable while the index is being rebuilt.
    """
    require(actor, Action.READ)
    if request.facets or ":" in request.text:
        # These read the taxonomy, which may change without a change of any incident.
        return encode(search(actor, request))
    try:
        index_state = engine().state()
    except IndexUnusableError:
        return encode(search(actor, request))
    key = _key(actor, request, encode)
    cached = _responses.get(key)
    if cached is not None and cached.index_state == index_state and cached.position == change_feed.position():
        record_current()  # only results of an index that was not behind are cached
        return cached.body
    results = search(actor, request)
    body = encode(results)
    if results.position is not None:
        # Copy: the encoder's buffer takes up to twice the memory of its contents.
        exact = bytes(memoryview(body))
        _responses.put(key, _CachedResponse(exact, index_state, results.position), len(exact))
    return body


def _key(actor: Actor, request: SearchRequest, encode: Encode) -> Hashable:
    """Everything that a response depends on besides the index and the incidents."""
    return (
        encode,
        request.text,
        request.filter.key,
        languages_for(request.languages, request.text),
        request.boosts,
        request.correct,
        request.highlight,
        request.explain,
        request.limit,
        request.offset,
        request.cursor,
        request.sort,
        audiences_for(actor),
        utc_now().date(),
    )
