"""Process memory: return freed memory to the system, and keep shared pages shared."""

from __future__ import annotations

import ctypes
import platform
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
"""Parameters of mallopt(3)."""

_MMAP_BYTES = 131_072
"""Arrays of at least this size, such as one of a number for each of 16,000 incidents, get pages of their own.
By default, glibc raises this threshold to the size of the largest array that was freed, up to 32 MB, and then
keeps smaller ones. At half the size, searches would take 3 to 10 % longer."""

_ARENAS = 1
"""Threads run one at a time, so a heap for each would only add fragmented heaps."""


_POOL_BYTES, _POOL_HEADER, _ALIGNMENT, _SMALL = 16_384, 48, 16, 512
"""How CPython 3.10 and later allocates small objects: in pools of blocks whose size is a multiple of 16."""

_MAX_FILLED_BYTES = 16_000_000
"""If filling one size takes more than this, Python's allocator works differently, and the gaps are left."""

_HEAP_SIZES = (*(1 << power for power in range(19, 12, -1)), *range(4_088, 8, -16))
"""The sizes of gaps in glibc's heap, which allocates in steps of 16 bytes, 8 of them its own."""

_filling: list[object] = []


def limit_heap() -> None:
    """From now on, return large arrays to the system as soon as this process frees them.

    By default, glibc keeps most freed memory. Does nothing with other C libraries.
    """
    if (mallopt := _glibc("mallopt")) is not None:
        mallopt(_M_MMAP_THRESHOLD, _MMAP_BYTES)
        mallopt(_M_ARENA_MAX, _ARENAS)


def release_memory() -> None:
    """Return freed memory to the system. Call it after work that needed a lot."""
    if (malloc_trim := _glibc("malloc_trim")) is not None:
        malloc_trim(0)


def fill_gaps() -> int:
    """Permanently fill the gaps between small objects in pages in use, and return their size in bytes.

    Call it before a fork: children put new objects into gaps first, and each write would copy a page that
    they still share.
    """
    if platform.python_implementation() != "CPython" or sys.version_info < (3, 10):
        return 0
    return sum(_fill(size) for size in range(_ALIGNMENT, _SMALL + 1, _ALIGNMENT))


def fill_heap() -> int:
    """Permanently fill the gaps between larger objects in the heap of glibc, and return their size in bytes.

    Call it before a fork, for the same reason as `fill_gaps`. Gaps of whole pages take addresses, but no
    memory, if they were returned to the system before (`release_memory`).
    """
    malloc, free, sbrk = map(_glibc, ("malloc", "free", "sbrk"))
    if malloc is None or free is None or sbrk is None:
        return 0
    malloc.restype = sbrk.restype = ctypes.c_void_p
    malloc.argtypes, free.argtypes, sbrk.argtypes = [ctypes.c_size_t], [ctypes.c_void_p], [ctypes.c_ssize_t]
    end, filled = sbrk(0), 0
    for size in _HEAP_SIZES:
        while (place := malloc(size)) is not None:
            if place + size > end:  # no gap is left of this size
                free(place)
                break
            filled += size
    return filled


def _fill(size: int) -> int:
    """Fill the gaps of one block size until a fresh pool is full; that pool is freed again."""
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
    """Return a factory of objects of this size, in bytes, that hold no references."""
    empty = sys.getsizeof(b"")
    if size <= _ALIGNMENT:
        return object
    if size < empty + 2:  # CPython shares bytes objects of length 0 and 1
        return lambda: int("1000000")
    return lambda: bytes(size - empty)


def _glibc(name: str) -> ctypes._NamedFuncPointer | None:
    """A function of the C library, or None if it is not available."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
