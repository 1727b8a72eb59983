"""The garbage collector in tests, each of which drops an application full of cycles."""

from __future__ import annotations

import gc

_YOUNG_OBJECTS = 20_000
"""How many new objects are looked through at a time: an application with a few requests makes as many."""


def look_only_at_what_tests_make() -> None:
    """Take what there is for permanent, such as modules and collected tests, and look at the rest less often.

    A third of a session's time went into looking at all of it again and again. What is permanent is not in
    `gc.get_objects()`: a test that counts objects calls `gc.unfreeze()` before, and this afterwards.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, 10, 10)
