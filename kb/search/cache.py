"""A cache that is bounded by the size of its values."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

_Value = TypeVar("_Value")


class LruCache(Generic[_Value]):
    """Values by key up to a total size in bytes; the least recently used is evicted first. Thread-safe."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._size = 0
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

    def put(self, key: Hashable, value: _Value, size: int) -> None:
        """Store a value of `size` bytes under a key, replacing the previous one."""
        entry = (value, size + 200 + len(repr(key)))
        with self._lock:
            replaced = self._values.pop(key, None)
            self._values[key] = entry
            self._size += entry[1] - (replaced[1] if replaced else 0)
            while self._size > self._max_bytes:
                self._size -= self._values.popitem(last=False)[1][1]

    def get_or_create(
        self, key: Hashable, make: Callable[[], _Value], size: Callable[[_Value], int]
    ) -> _Value:
        """The value of a key, made and stored if it is missing."""
        value = self.get(key)
        if value is None:
            value = make()
            self.put(key, value, size(value))
        return value
