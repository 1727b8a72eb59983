"""Follow-up actions."""

from __future__ import annotations

from enum import StrEnum


class FollowUpStatus(StrEnum):
    """The status of a follow-up action."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class FollowUpOrder(StrEnum):
    """The order of a list of actions: newest first, or by due date."""

    NEWEST = "newest"
    DUE_ON = "due_on"
