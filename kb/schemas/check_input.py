"""A draft to check, as a request has it."""

from __future__ import annotations

from kb.schemas.base import InputSchema
from kb.schemas.checks import MAX_REASON_LENGTH
from kb.schemas.drafts import DraftSchema
from kb.schemas.fields import CompleteNested, IsoDate, LimitedList, StrictBoolean, Text, describe

MAX_SUPPRESSIONS = 500
MAX_GUARD_KEY_LENGTH = 120


class SuppressionInputSchema(InputSchema):
    """A guard whose findings do not count for a draft, and why."""

    guard = Text(MAX_GUARD_KEY_LENGTH, required=True, metadata=describe("Key of the guard."))
    reason = Text(MAX_REASON_LENGTH, required=True)
    until = IsoDate(allow_none=True, load_default=None, metadata=describe("The last day that this holds."))


class DraftCheckInputSchema(DraftSchema):
    """A draft to check, with what is asked of the check."""

    suppress = LimitedList(
        CompleteNested(SuppressionInputSchema),
        max_length=MAX_SUPPRESSIONS,
        allow_none=True,
        metadata=describe("Guards whose findings do not count, and why."),
    )
    weak = StrictBoolean(
        load_default=False,
        metadata=describe("Show weak precedents, too, whatever the draft is like."),
    )


class CheckInputSchema(DraftCheckInputSchema):
    """A draft to check, and what to keep of it."""

    keep_text = StrictBoolean(
        load_default=False,
        metadata=describe("Keep the text in the receipt; else only its SHA-256 is kept. Default: false."),
    )
    team = Text(
        80,
        min_length=1,
        metadata=describe("Key of the team that the receipt belongs to. Default: the caller's only one."),
    )
