"""Follow-up actions."""

from __future__ import annotations

from enum import StrEnum


class FollowUpStatus(StrEnum):
    """How far an action is."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"
