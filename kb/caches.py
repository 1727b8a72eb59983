"""Caches with bounded memory: by the size of their values, their number, or the length of given texts."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

_Value = TypeVar("_Value")
_Function = TypeVar("_Function", bound=Callable[..., Any])

SHORT = 50
"""Maximum length of a short text, in characters: hardly any word is longer."""

MAX_LONG_CHARACTERS = 50_000
"""Maximum total length of the longer texts in a `text_cache`, in characters."""


def text_cache(max_entries: int) -> Callable[[_Function], _Function]:
    """Memoize a function of short texts, such as words; the least recently used is evicted first.

    The text is its first argument. Long texts cannot fill the memory: once they add up to
    MAX_LONG_CHARACTERS, the cache is cleared. They are counted on a miss only, so hits are as fast as without
    the limit.
    """

    def decorate(function: _Function) -> _Function:
        long_characters = 0

        @lru_cache(max_entries)
        @wraps(function)
        def remembered(text: str, *others: Hashable) -> Any:
            nonlocal long_characters
            if len(text) > SHORT:
                long_characters += len(text)
                if long_characters > MAX_LONG_CHARACTERS:
                    long_characters = len(text)
                    remembered.cache_clear()
            return function(text, *others)

        return cast("_Function", remembered)

    return decorate


class WordMemo(dict[str, _Value]):
    """Memoizes a function for the most recent words: `memo[word]`. Thread-safe.

    A hit is a plain dictionary lookup, which takes less than half the time of a `text_cache`, because no
    order of use is tracked. Instead there are two generations: when the newer one reaches half of
    `max_words`, the older one is dropped. Texts longer than SHORT are not cached.
    """

    def __init__(self, find: Callable[[str], _Value], max_words: int) -> None:
        super().__init__()
        self._find = find
        self._half = max_words // 2
        self._older: dict[str, _Value] = {}

    def __missing__(self, word: str) -> _Value:
        older = self._older
        value = older[word] if word in older else self._find(word)
        if len(word) <= SHORT:
            if len(self) >= self._half:
                self._older = self.copy()
                self.clear()
            self[word] = value
        return value


def word_cache(max_words: int) -> Callable[[Callable[[str], _Value]], Callable[[str], _Value]]:
    """Memoize a function of words in a WordMemo."""

    def decorate(function: Callable[[str], _Value]) -> Callable[[str], _Value]:
        return WordMemo(function, max_words).__getitem__

    return decorate


@word_cache(16_000)
def shared(word: str) -> str:
    """Return the same object for equal words, so that the many caches of words have one copy of each.

    Not `sys.intern`: a worker that adds to the interpreter's table soon copies all of it, which has what its
    parent has read, to a larger one of four megabytes.
    """
    return word


_caches: WeakSet[LruCache[Any]] = WeakSet()
_caches_lock = threading.Lock()


def cached_bytes() -> int:
    """The total size of the LRU caches of this process, in bytes."""
    with _caches_lock:
        return sum(cache.size for cache in _caches)


class LruCache(Generic[_Value]):
    """Thread-safe LRU cache that is limited by the total size of its values in bytes."""

    def __init__(self, max_bytes: int) -> None:
        with _caches_lock:
            _caches.add(self)
        self.max_bytes = max_bytes
        self.size = 0
        self._values: OrderedDict[Hashable, tuple[_Value, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> _Value | None:
        """The value of a key, or None."""
        with self._lock:
            entry = self._values.get(key)
            if entry is None:
                return None
            self._values.move_to_end(key)
            return entry[0]

    def get_each(self, keys: Iterable[Hashable]) -> list[_Value | None]:
        """The value of each key, or None; faster than repeated calls of `get`."""
        values: list[_Value | None] = []
        with self._lock:
            for key in keys:
                entry = self._values.get(key)
                if entry is not None:
                    self._values.move_to_end(key)
                values.append(None if entry is None else entry[0])
        return values

    def put(self, key: Hashable, value: _Value, size: int) -> None:
        """Store a value of `size` bytes under a key, replacing the previous one, unless it is too large."""
        entry = (value, size + 200 + len(repr(key)))
        with self._lock:
            replaced = self._values.pop(key, None)
            self.size -= replaced[1] if replaced else 0
            if entry[1] > self.max_bytes:
                return
            self._values[key] = entry
            self.size += entry[1]
            while self.size > self.max_bytes:
                self.size -= self._values.popitem(last=False)[1][1]

    def clear(self) -> None:
        """Remove all values."""
        with self._lock:
            self._values.clear()
            self.size = 0

    def get_or_create(
        self, key: Hashable, make: Callable[[], _Value], size: Callable[[_Value], int]
    ) -> _Value:
        """Return the value of a key; make and store it if it is missing."""
        value = self.get(key)
        if value is None:
            value = make()
            self.put(key, value, size(value))
        return value


class RecentValues(Generic[_Value]):
    """Thread-safe LRU cache that is limited by the number of its values."""

    def __init__(self, max_values: int) -> None:
        self._max_values = max_values
        self._values: OrderedDict[Hashable, _Value] = OrderedDict()
        self._lock = threading.Lock()

    def __getitem__(self, key: Hashable) -> _Value:
        with self._lock:
            self._values.move_to_end(key)
            return self._values[key]

    def __setitem__(self, key: Hashable, value: _Value) -> None:
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            if len(self._values) > self._max_values:
                self._values.popitem(last=False)

    def get(self, key: Hashable) -> _Value | None:
        """The value of a key, or None."""
        with suppress(KeyError):
            return self[key]
        return None

    def clear(self) -> None:
        """Remove all values."""
        with self._lock:
            self._values.clear()

    def values(self) -> list[_Value]:
        """All values."""
        with self._lock:
            return [*self._values.values()]
