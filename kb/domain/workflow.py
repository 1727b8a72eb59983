"""Which status an incident may move to: (status, operation) -> status."""

from __future__ import annotations

from kb.domain.incident import Operation, Status

TRANSITIONS: dict[tuple[Status, Operation], Status] = {
    (Status.DRAFT, Operation.PUBLISHED): Status.PUBLISHED,
    (Status.DRAFT, Operation.WITHDRAWN): Status.WITHDRAWN,
    (Status.PUBLISHED, Operation.WITHDRAWN): Status.WITHDRAWN,
}


def next_status(current: Status, operation: Operation) -> Status | None:
    """The status after the operation, or None when it is not possible from here."""
    return TRANSITIONS.get((current, operation))
