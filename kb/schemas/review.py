"""Workflow steps, and what an incident lacks to be published."""

from __future__ import annotations

from marshmallow import fields

from kb.domain.incident import Status
from kb.domain.workflow import Step
from kb.schemas.fields import (
    Flag,
    InputSchema,
    OutputSchema,
    Text,
    describe,
    one_of,
)
from kb.schemas.incident import NoteSchema


class StepInputSchema(InputSchema):
    """A step of the workflow."""

    step = fields.String(required=True, validate=one_of(Step))
    comment = Text(500, load_default="", metadata=describe("Why; it is kept with the step."))
    override = Flag(
        load_default=False,
        metadata=describe("An administrator publishes against a rule of the team's; needs a comment."),
    )


class EventSchema(OutputSchema):
    """A step that was taken; `version` is the version of the incident that it was about."""

    id = fields.Integer()
    step = fields.String(validate=one_of(Step))
    version = fields.Integer()
    before = fields.String(validate=one_of(Status))
    after = fields.String(validate=one_of(Status))
    author = fields.String()
    comment = fields.String(allow_none=True)
    overridden = fields.List(fields.String(), metadata=describe("The rules that were overridden."))
    at = fields.String(metadata={"format": "date-time"})


class EventListSchema(OutputSchema):
    """The steps that an incident has taken, the latest first."""

    items = fields.List(fields.Nested(EventSchema))
    next = fields.String(allow_none=True)


class AskedSchema(OutputSchema):
    """A field that says nothing yet, and what to answer there."""

    pointer = fields.String()
    label = fields.String()
    question = fields.String()
    example = fields.Raw()


class ObstacleSchema(OutputSchema):
    """What stands in the way of a publication."""

    key = fields.String()
    detail = fields.String()


class CompletenessSchema(OutputSchema):
    """How far an incident is from being published."""

    status = fields.String(validate=one_of(Status))
    language = fields.String(metadata=describe("The language of these words."))
    complete = fields.Boolean(metadata=describe("Whether it says all that a published one must."))
    missing = fields.List(fields.Nested(AskedSchema))
    recommended = fields.List(fields.Nested(AskedSchema))
    obstacles = fields.List(fields.Nested(ObstacleSchema))
    open_comments = fields.Integer()
    steps = fields.List(fields.String(), metadata=describe("The steps from here that the caller may take."))
    notes = fields.List(fields.Nested(NoteSchema))
