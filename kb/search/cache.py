"""What is remembered, up to a size."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

_Value = TypeVar("_Value")


class Cache(Generic[_Value]):
    """Values by key, the longest unused dropped first, up to a size in bytes. Threads may share it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._values: OrderedDict[Hashable, tuple[_Value, int]] = OrderedDict()
        self._guard = threading.Lock()

    def peek(self, key: Hashable) -> _Value | None:
        """The value of a key, if it is there."""
        with self._guard:
            found = self._values.get(key)
            if found is None:
                return None
            self._values.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, value: _Value, size: int) -> None:
        """Remember a value of so many bytes, in the place of the last one."""
        entry = (value, size + 200 + len(repr(key)))
        with self._guard:
            replaced = self._values.pop(key, None)
            self._values[key] = entry
            self._size += entry[1] - (replaced[1] if replaced else 0)
            while self._size > self._most:
                self._size -= self._values.popitem(last=False)[1][1]

    def get(self, key: Hashable, make: Callable[[], _Value], size: Callable[[_Value], int]) -> _Value:
        """The value of a key, made if it is not there."""
        found = self.peek(key)
        if found is None:
            found = make()
            self.put(key, found, size(found))
        return found
