"""Drafts to check, in requests."""

from __future__ import annotations

from kb.schemas.base import InputSchema
from kb.schemas.checks import MAX_REASON_LENGTH
from kb.schemas.drafts import DraftSchema
from kb.schemas.fields import CompleteNested, IsoDate, LimitedList, StrictBoolean, Text, describe

MAX_SUPPRESSIONS = 500
MAX_GUARD_KEY_LENGTH = 120


class SuppressionInputSchema(InputSchema):
    """A guard whose findings are suppressed for a draft, and the reason."""

    guard = Text(MAX_GUARD_KEY_LENGTH, required=True, metadata=describe("Key of the guard."))
    reason = Text(MAX_REASON_LENGTH, required=True)
    until = IsoDate(
        allow_none=True,
        load_default=None,
        metadata=describe("The last day on which the suppression applies."),
    )


class DraftCheckInputSchema(DraftSchema):
    """A draft to check, and options of the check."""

    suppress = LimitedList(
        CompleteNested(SuppressionInputSchema),
        max_length=MAX_SUPPRESSIONS,
        allow_none=True,
        metadata=describe("Guards whose findings are suppressed, each with a reason."),
    )
    weak = StrictBoolean(load_default=False, metadata=describe("Always include weak precedents."))


class CheckInputSchema(DraftCheckInputSchema):
    """A draft to check, and what to store of it."""

    keep_text = StrictBoolean(
        load_default=False,
        metadata=describe(
            "Store the text in the receipt; otherwise, only its SHA-256 is stored. Default: false."
        ),
    )
    team = Text(
        80,
        min_length=1,
        metadata=describe("Key of the team that owns the receipt. Default: the caller's only team."),
    )
