"""Which threads the system runs first: one that holds a lock for which all writers wait.

On Linux, a thread with the batch policy gets as much of the processor as any other, but does not preempt
others when it wakes. A thread may change between that policy and the ordinary one without any rights.
Decision 0123 has what it brings.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_is_used = False
"""Whether a thread of this process lets others first. Threads that it starts do so, too."""


def let_others_first() -> None:
    """Keep this thread from preempting others when it wakes, but for the blocks of `ahead_of_others`.

    Nothing changes where the system has no such policy or refuses it, and in a process that was started with
    a policy of its own.
    """
    global _is_used  # noqa: PLW0603 (a property of the process)
    if hasattr(os, "SCHED_BATCH") and _policy() == os.SCHED_OTHER and _set_policy(os.SCHED_BATCH):
        _is_used = True


@contextmanager
def ahead_of_others() -> Iterator[None]:
    """Run the block before threads that let others first, if this is one of them."""
    if not _is_used or _policy() != os.SCHED_BATCH:
        yield
        return
    _set_policy(os.SCHED_OTHER)
    try:
        yield
    finally:
        _set_policy(os.SCHED_BATCH)


def _policy() -> int | None:
    """The policy of this thread; None if the system does not tell it."""
    try:
        return os.sched_getscheduler(0)
    except OSError:
        return None


def _set_policy(policy: int) -> bool:
    """Set the policy of this thread; whether the system allows it."""
    try:
        os.sched_setscheduler(0, policy, os.sched_param(0))
    except OSError:
        return False
    return True
