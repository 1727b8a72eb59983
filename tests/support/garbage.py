"""The garbage collector in tests, each of which drops an application full of cycles."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_YOUNG_OBJECTS = 20_000
"""How many new objects are looked through at a time: an application with a few requests makes as many."""


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """Collect no garbage meanwhile: nearly all of the half million objects of collected tests stay."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def look_only_at_what_tests_make() -> None:
    """Take what there is for permanent, such as modules and collected tests, and look at the rest less often.

    A third of a session's time went into looking at all of it again and again. What is permanent is not in
    `gc.get_objects()`, but in `all_objects()`.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, 10, 10)


def all_objects() -> list[Any]:
    """Every object that the garbage collector knows, permanent ones included. From now on, all are."""
    gc.collect()
    gc.unfreeze()
    try:
        return gc.get_objects()
    finally:
        gc.freeze()
