"""The memory of a process: what it has freed is given back to the system, and what stays is shared."""

from __future__ import annotations

import ctypes
import sys

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
"""Parameters of mallopt(3)."""

_MMAP_BYTES = 1_000_000
"""Arrays from this size on get pages of their own. By default glibc raises it to that of the largest array
that was freed, up to 32 MB, and then keeps what is smaller."""

_ARENAS = 2
"""Threads compute one at a time: a heap for each of them would only be more heaps with holes."""


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


def _glibc(name: str) -> ctypes._NamedFuncPointer | None:
    """A function of the C library; None where it is not glibc."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
