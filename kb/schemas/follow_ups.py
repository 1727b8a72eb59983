"""Follow-up actions, and whether lessons helped."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from kb.domain.follow_up import FollowUpStatus
from kb.schemas.fields import (
    InputSchema,
    Integer,
    Moment,
    OutputSchema,
    Text,
    describe,
    one_of,
)
from kb.schemas.pagination import PageQuerySchema
from kb.schemas.query_fields import CommaSeparated, QueryBoolean


class FollowUpInputSchema(InputSchema):
    """A new action."""

    title = Text(500, required=True)
    owner = Text(
        200, shortest=1, allow_none=True, metadata=describe("A member of the team by name, or anybody else.")
    )
    due_on = fields.Date(allow_none=True)
    lesson = Integer(allow_none=True, metadata=describe("The id of the lesson that it follows from."))
    status = fields.String(validate=one_of(FollowUpStatus))
    completed_at = Moment()


class FollowUpPatchSchema(FollowUpInputSchema):
    """A change to an action; what is left out stays as it is."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"partial": True, **kwargs})


class FollowUpQuerySchema(PageQuerySchema):
    """Which actions."""

    team = Text(80, shortest=1)
    owner = Text(200, shortest=1, metadata=describe("A name, or `me`."))
    status = CommaSeparated(fields.String(validate=one_of(FollowUpStatus)))
    overdue = QueryBoolean(load_default=False, metadata=describe("Open, and due before today."))


class FollowUpSchema(OutputSchema):
    """A follow-up action."""

    id = fields.Integer()
    incident = fields.Integer()
    lesson = fields.Integer(allow_none=True)
    team = fields.String()
    title = fields.String()
    owner = fields.String(allow_none=True)
    due_on = fields.String(allow_none=True, metadata={"format": "date"})
    status = fields.String(validate=one_of(FollowUpStatus))
    overdue = fields.Boolean()
    days_overdue = fields.Integer()
    author = fields.String()
    created_at = fields.String(metadata={"format": "date-time"})
    updated_at = fields.String(metadata={"format": "date-time"})
    completed_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    version = fields.Integer()


class FollowUpListSchema(OutputSchema):
    """A page of actions, the latest first."""

    items = fields.List(fields.Nested(FollowUpSchema))
    next = fields.String(allow_none=True)


class PeriodCountSchema(OutputSchema):
    """How many incidents of the same failure modes lie in a period; and of the same organization."""

    from_ = fields.String(data_key="from", attribute="from", metadata={"format": "date"})
    to = fields.String(metadata={"format": "date"})
    incidents = fields.Integer()
    of_organization = fields.Integer()


class MeasuredSchema(OutputSchema):
    """What followed from a lesson, or (`lesson` null) from the incident as a whole, and what came after."""

    lesson = fields.Integer(allow_none=True)
    text = fields.String(allow_none=True)
    actions = fields.Dict(keys=fields.String(), values=fields.Integer())
    completed_on = fields.String(allow_none=True, metadata={"format": "date"})
    days = fields.Integer(allow_none=True, metadata=describe("Since then; as many are counted before."))
    before = fields.Nested(PeriodCountSchema, allow_none=True)
    after = fields.Nested(PeriodCountSchema, allow_none=True)
    left_out = fields.Integer(
        allow_none=True, metadata=describe("Of these days, perhaps: dated too roughly to say.")
    )


class EffectivenessSchema(OutputSchema):
    """Whether the lessons of an incident helped."""

    failure_modes = fields.List(fields.String())
    items = fields.List(fields.Nested(MeasuredSchema))
