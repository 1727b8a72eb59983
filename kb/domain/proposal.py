"""The vocabulary of proposals: changes to a published incident that await review."""

from __future__ import annotations

from enum import StrEnum

from kb.domain.permissions import Action


class ProposalStatus(StrEnum):
    """Whether a proposal is open, or how it was decided."""

    OPEN = "open"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class ProposalStep(StrEnum):
    """A step of an open proposal."""

    APPROVE = "approve"
    PUBLISH = "publish"
    DISCARD = "discard"


PROPOSAL_ACTIONS: dict[ProposalStep, Action] = {
    ProposalStep.APPROVE: Action.REVIEW,
    ProposalStep.PUBLISH: Action.PUBLISH,
    ProposalStep.DISCARD: Action.DISCARD,
}
"""The action that each step requires."""

STATUS_AFTER: dict[ProposalStep, ProposalStatus] = {
    ProposalStep.APPROVE: ProposalStatus.OPEN,
    ProposalStep.PUBLISH: ProposalStatus.PUBLISHED,
    ProposalStep.DISCARD: ProposalStatus.DISCARDED,
}
"""The status of an open proposal after each step. A closed one has no further steps."""
