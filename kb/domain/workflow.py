"""The workflow of an incident, as a table of (status, step) -> status."""

from __future__ import annotations

from enum import StrEnum

from kb.domain.incident import Operation, Status
from kb.domain.permissions import Action


class Step(StrEnum):
    """A workflow step."""

    SUBMIT = "submit"
    RETRACT = "retract"
    REQUEST_CHANGES = "request_changes"
    APPROVE = "approve"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


TRANSITIONS: dict[tuple[Status, Step], Status] = {
    (Status.DRAFT, Step.SUBMIT): Status.IN_REVIEW,
    (Status.DRAFT, Step.PUBLISH): Status.PUBLISHED,
    (Status.DRAFT, Step.WITHDRAW): Status.WITHDRAWN,
    (Status.IN_REVIEW, Step.RETRACT): Status.DRAFT,
    (Status.IN_REVIEW, Step.REQUEST_CHANGES): Status.DRAFT,
    (Status.IN_REVIEW, Step.APPROVE): Status.IN_REVIEW,
    (Status.IN_REVIEW, Step.PUBLISH): Status.PUBLISHED,
    (Status.IN_REVIEW, Step.WITHDRAW): Status.WITHDRAWN,
    (Status.PUBLISHED, Step.REOPEN): Status.DRAFT,
    (Status.PUBLISHED, Step.WITHDRAW): Status.WITHDRAWN,
    (Status.WITHDRAWN, Step.REOPEN): Status.DRAFT,
}
"""The status after each step. With four-eyes review, a draft cannot be published directly."""

REQUIRED_ACTION: dict[Step, Action] = {
    Step.SUBMIT: Action.SUBMIT,
    Step.RETRACT: Action.SUBMIT,
    Step.REQUEST_CHANGES: Action.REVIEW,
    Step.APPROVE: Action.REVIEW,
    Step.PUBLISH: Action.PUBLISH,
    Step.WITHDRAW: Action.WITHDRAW,
    Step.REOPEN: Action.REOPEN,
}
"""The action that each step requires. Withdrawing an unpublished incident, and undoing that, require DISCARD
instead."""

OPERATIONS: dict[Step, Operation] = {
    Step.SUBMIT: Operation.SUBMITTED,
    Step.RETRACT: Operation.RETRACTED,
    Step.REQUEST_CHANGES: Operation.RETURNED,
    Step.PUBLISH: Operation.PUBLISHED,
    Step.WITHDRAW: Operation.WITHDRAWN,
    Step.REOPEN: Operation.REOPENED,
}
"""The operation of each step in the change feed and history. An approval does not change the incident."""

UNPUBLISHED = (Status.DRAFT, Status.IN_REVIEW)
"""Statuses in which an incident may be incomplete and is visible only to its team."""


def next_status(current: Status, step: Step) -> Status | None:
    """The status after a step, or None if the step is not possible."""
    return TRANSITIONS.get((current, step))


def steps_from(current: Status) -> list[Step]:
    """The steps possible from a status."""
    return [step for status, step in TRANSITIONS if status == current]


def action_by_status(current: Status, step: Step) -> Action:
    """The action that a step requires in a status, ignoring whether the incident was published earlier."""
    if (step is Step.WITHDRAW and current in UNPUBLISHED) or (
        step is Step.REOPEN and current is Status.WITHDRAWN
    ):
        return Action.DISCARD
    return REQUIRED_ACTION[step]
