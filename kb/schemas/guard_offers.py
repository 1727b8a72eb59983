"""Examples that are offered to guards, and guards suggested for an incident."""

from __future__ import annotations

from marshmallow import fields, validate

from kb.domain.guard import OfferStatus
from kb.schemas.base import InputSchema, OutputSchema
from kb.schemas.checks import MAX_REASON_LENGTH, FindingSchema
from kb.schemas.fields import CompleteNested, Text, describe, one_of
from kb.schemas.guards import ExampleDraftSchema, GuardInputSchema, GuardSchema
from kb.schemas.pagination import PageQuerySchema
from kb.schemas.query_fields import format_parameter
from kb.schemas.receipts import RerunInputSchema


class HarmlessInputSchema(RerunInputSchema):
    """Why a finding is harmless. The draft is shown to the owner of the guard."""

    reason = Text(MAX_REASON_LENGTH)


class OfferSchema(OutputSchema):
    """A draft that somebody offers to a guard as a harmless example."""

    id = fields.Integer()
    guard = fields.String()
    check = fields.Integer()
    finding = fields.Integer(metadata=describe("The number of the finding in the check."))
    example = fields.Nested(ExampleDraftSchema)
    author = fields.String()
    reason = fields.String(allow_none=True)
    at = fields.String(metadata={"format": "date-time"})
    status = fields.String(validate=one_of(OfferStatus))
    decided_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    decided_by = fields.String(allow_none=True)


class DecidedOfferSchema(OfferSchema):
    """An offer, after it was accepted, taken over or declined."""

    proposal = fields.Integer(
        allow_none=True, metadata=describe("The proposal that the change of the guard became, if any.")
    )


class OfferListSchema(OutputSchema):
    """A page of offers, newest first."""

    items = fields.List(fields.Nested(OfferSchema))
    next = fields.String(allow_none=True)


class OwnGuardSchema(OutputSchema):
    """A guard of the incident's own lesson. Checks do not use it before the incident is published."""

    guard = fields.String()
    catches = fields.Boolean(
        allow_none=True, metadata=describe("Whether it finds something in the post; null if that is unknown.")
    )


class DraftedGuardSchema(OutputSchema):
    """A draft of a guard, ready to be edited and sent with a lesson."""

    guard = fields.Nested(GuardSchema)
    tried = fields.Boolean(
        metadata=describe("Whether it was tested, in which case it finds something in the post.")
    )


class SuggestedGuardsSchema(OutputSchema):
    """The guards that now find something in the post of an incident, and drafts of guards that would."""

    incident = fields.Integer()
    check = fields.Integer(allow_none=True, metadata=describe("The check that the incident names."))
    found_by_check = fields.List(
        fields.String(),
        metadata=describe("The keys of the guards that found something in that check, without notes."),
    )
    caught_by = fields.List(
        fields.Nested(FindingSchema),
        allow_none=True,
        metadata=describe("Null if the check has not kept the text of the post."),
    )
    own_guards = fields.List(fields.Nested(OwnGuardSchema))
    suggestions = fields.List(
        fields.Nested(DraftedGuardSchema),
        metadata=describe("Drafts of guards that the check lacked; none if it stopped the post."),
    )


class OfferQuerySchema(PageQuerySchema):
    """Filters for offers."""

    status = fields.String(validate=one_of(OfferStatus))
    format = format_parameter(["json", "yaml"])


class OfferDecisionSchema(InputSchema):
    """Whether an example is accepted. A guard that finds something in it must be changed along with it.

    Examples for a guard that belongs to no lesson are `taken_over` once its file has been changed.
    """

    status = fields.String(
        required=True,
        validate=validate.OneOf([status.value for status in OfferStatus if status is not OfferStatus.OPEN]),
    )
    guard = CompleteNested(
        GuardInputSchema, metadata=describe("Replaces the guard; the example is added to it.")
    )
