"""Follow-up actions, and the effectiveness of lessons."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from kb.domain.follow_up import FollowUpOrder, FollowUpStatus
from kb.schemas.base import InputSchema, OutputSchema
from kb.schemas.fields import IsoDate, PastDateTime, StrictInteger, Text, describe, one_of
from kb.schemas.pagination import PageQuerySchema
from kb.schemas.query_fields import CommaSeparated, QueryBoolean


class FollowUpInputSchema(InputSchema):
    """A new action."""

    title = Text(500, required=True)
    owner = Text(
        200, min_length=1, allow_none=True, metadata=describe("The name of a team member or of anyone else.")
    )
    due_on = IsoDate(allow_none=True)
    lesson = StrictInteger(allow_none=True, metadata=describe("The id of the lesson it follows from."))
    status = fields.String(validate=one_of(FollowUpStatus))
    completed_at = PastDateTime()


class FollowUpPatchSchema(FollowUpInputSchema):
    """A change to an action. Fields that are not sent stay the same."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"partial": True, **kwargs})


class IncidentFollowUpQuerySchema(PageQuerySchema):
    """The order of an incident's actions."""

    sort = fields.String(
        load_default=FollowUpOrder.NEWEST.value,
        validate=one_of(FollowUpOrder),
        metadata=describe("`due_on`: the longest overdue first, without a due date last."),
    )


class FollowUpQuerySchema(PageQuerySchema):
    """Filters for actions, and their order."""

    team = Text(80, min_length=1)
    owner = Text(200, min_length=1, metadata=describe("A name, or `me`."))
    status = CommaSeparated(fields.String(validate=one_of(FollowUpStatus)))
    overdue = QueryBoolean(
        load_default=False, metadata=describe("Only open actions that were due before today.")
    )
    sort = fields.String(
        validate=one_of(FollowUpOrder),
        metadata=describe(
            "`due_on`: the longest overdue first, without a due date last. "
            "Default: `due_on` with `overdue=true`, else `newest`."
        ),
    )


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
    """A page of actions."""

    items = fields.List(fields.Nested(FollowUpSchema))
    next = fields.String(allow_none=True)


class PeriodCountSchema(OutputSchema):
    """Incidents with the same failure modes in a period, in total and of the same organization."""

    from_ = fields.String(data_key="from", attribute="from", metadata={"format": "date"})
    to = fields.String(metadata={"format": "date"})
    incidents = fields.Integer()
    of_organization = fields.Integer()


class MeasuredSchema(OutputSchema):
    """The actions for a lesson, or for the whole incident (`lesson` null), with counts before and after."""

    lesson = fields.Integer(allow_none=True)
    text = fields.String(allow_none=True)
    actions = fields.Dict(keys=fields.String(), values=fields.Integer())
    completed_on = fields.String(allow_none=True, metadata={"format": "date"})
    days = fields.Integer(
        allow_none=True, metadata=describe("Days since completion; the length of each of the two periods.")
    )
    before = fields.Nested(PeriodCountSchema, allow_none=True)
    after = fields.Nested(PeriodCountSchema, allow_none=True)
    left_out = fields.Integer(
        allow_none=True,
        metadata=describe("Incidents that are not counted because their dates are too imprecise."),
    )


class EffectivenessSchema(OutputSchema):
    """The effectiveness of an incident's lessons."""

    failure_modes = fields.List(fields.String())
    items = fields.List(fields.Nested(MeasuredSchema))
