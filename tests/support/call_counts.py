"""Work counted in calls, which are as many on a busy machine as on a quiet one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def count_calls(work: Callable[[], Any]) -> int:
    """How many calls of functions a piece of work makes in this thread, of those in C, too.

    A generator counts once more with each item that it yields.
    """
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count
