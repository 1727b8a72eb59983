"""Follow-up actions."""

from __future__ import annotations

from enum import StrEnum


class FollowUpStatus(StrEnum):
    """The status of a follow-up action."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"
