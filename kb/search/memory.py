"""The memory of a process: what it has freed is given back to the system, and what stays is shared."""

from __future__ import annotations

import ctypes
import platform
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
"""Parameters of mallopt(3)."""

_MMAP_BYTES = 1_000_000
"""Arrays from this size on get pages of their own. By default glibc raises it to that of the largest array
that was freed, up to 32 MB, and then keeps what is smaller."""

_ARENAS = 2
"""Threads compute one at a time: a heap for each of them would only be more heaps with holes."""


_POOL_BYTES, _POOL_HEADER, _ALIGNMENT, _SMALL = 16_384, 48, 16, 512
"""How CPython 3.10 and later allot small objects: in pools, each of blocks of one multiple of 16."""

_MAX_FILLED_BYTES = 16_000_000
"""Where there are more gaps of a size, Python allots in another way: they are left."""

_filling: list[object] = []


def limit_heap() -> None:
    """Let large arrays go back to the system when they are freed, from now on in this process.

    By itself, glibc keeps most of what is freed. Other C libraries are left as they are.
    """
    if (mallopt := _glibc("mallopt")) is not None:
        mallopt(_M_MMAP_THRESHOLD, _MMAP_BYTES)
        mallopt(_M_ARENA_MAX, _ARENAS)


def release_memory() -> None:
    """Give back what was freed; after work that took much."""
    if (malloc_trim := _glibc("malloc_trim")) is not None:
        malloc_trim(0)


def fill_gaps() -> int:
    """Fill the gaps between small objects, for good; how many bytes they had, in pages that were in use.

    Before a process is forked: new objects of the children go into gaps first, and each would copy the page
    around it, which all have in common until then.
    """
    if platform.python_implementation() != "CPython" or sys.version_info < (3, 10):
        return 0
    return sum(_fill(size) for size in range(_ALIGNMENT, _SMALL + 1, _ALIGNMENT))


def _fill(size: int) -> int:
    """Fill the gaps of one size: until a pool has nothing else in it, which then is freed again."""
    make, blocks = _maker(size), (_POOL_BYTES - _POOL_HEADER) // size
    objects: list[object] = []
    pool, count = -1, 0
    while count < blocks:
        if len(objects) * size > _MAX_FILLED_BYTES:
            return 0
        objects.append(made := make())
        last, pool = pool, id(made) // _POOL_BYTES
        count = count + 1 if pool == last else 1
    del objects[len(objects) - count :]
    _filling.extend(objects)
    return len(objects) * size


def _maker(size: int) -> Callable[[], object]:
    """What makes an object of so many bytes that refers to nothing."""
    empty = sys.getsizeof(b"")
    if size <= _ALIGNMENT:
        return object
    if size < empty + 2:  # bytes of no or one letter are shared
        return lambda: int("1000000")
    return lambda: bytes(size - empty)


def _glibc(name: str) -> ctypes._NamedFuncPointer | None:
    """A function of the C library; None where it is not glibc."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
