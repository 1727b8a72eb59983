"""What is remembered of an index, up to a size."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

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

    def get(self, key: Hashable, make: Callable[[], _Value], size: Callable[[_Value], int]) -> _Value:
        """The value of a key, made if it is not there."""
        with self._guard:
            found = self._values.get(key)
            if found is not None:
                self._values.move_to_end(key)
                return found[0]
        value = make()
        entry = (value, size(value) + 200)
        with self._guard:
            if key not in self._values:
                self._values[key] = entry
                self._size += entry[1]
            while self._size > self._most:
                self._size -= self._values.popitem(last=False)[1][1]
        return value


def nbytes(value: Any) -> int:
    """The size of the arrays in a tuple, or of one."""
    parts = value if isinstance(value, tuple) else (value,)
    return sum(part.nbytes for part in parts if isinstance(part, np.ndarray))
