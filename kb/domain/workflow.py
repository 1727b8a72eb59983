"""How an incident comes to its readers: a table of (status, step) -> status."""

from __future__ import annotations

from enum import StrEnum

from kb.domain.incident import Operation, Status
from kb.domain.permissions import Action


class Step(StrEnum):
    """What can be done to an incident on its way."""

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
"""Where each step leads. With four eyes, what is a draft cannot be published without a review."""

REQUIRED_ACTION: dict[Step, Action] = {
    Step.SUBMIT: Action.SUBMIT,
    Step.RETRACT: Action.SUBMIT,
    Step.REQUEST_CHANGES: Action.REVIEW,
    Step.APPROVE: Action.REVIEW,
    Step.PUBLISH: Action.PUBLISH,
    Step.WITHDRAW: Action.WITHDRAW,
    Step.REOPEN: Action.REOPEN,
}
"""What one must be allowed to do for a step. Withdrawing what was not published is discarding it."""

OPERATIONS: dict[Step, Operation] = {
    Step.SUBMIT: Operation.SUBMITTED,
    Step.RETRACT: Operation.RETRACTED,
    Step.REQUEST_CHANGES: Operation.RETURNED,
    Step.PUBLISH: Operation.PUBLISHED,
    Step.WITHDRAW: Operation.WITHDRAWN,
    Step.REOPEN: Operation.REOPENED,
}
"""What a step is called in the change feed and the history. An approval changes nothing of the incident."""

UNPUBLISHED = (Status.DRAFT, Status.IN_REVIEW)
"""Where an incident may still be thin, and only its team sees it."""


def next_status(current: Status, step: Step) -> Status | None:
    """The status after the step, or None when it is not possible from here."""
    return TRANSITIONS.get((current, step))


def steps_from(current: Status) -> list[Step]:
    """The steps that are possible from a status."""
    return [step for status, step in TRANSITIONS if status == current]


def required_action_for(current: Status, step: Step) -> Action:
    """What one must be allowed to do for a step from a status."""
    if step is Step.WITHDRAW and current in UNPUBLISHED:
        return Action.DISCARD
    return REQUIRED_ACTION[step]
