"""Workflow steps and completeness."""

from __future__ import annotations

from marshmallow import fields

from kb.domain.incident import Status
from kb.domain.publication import Concern
from kb.domain.workflow import Step
from kb.schemas.base import InputSchema, OutputSchema
from kb.schemas.fields import StrictBoolean, Text, acknowledge, describe, one_of
from kb.schemas.incident import NoteSchema


class StepOptionsSchema(InputSchema):
    """The options of a step, of an incident or of a proposal."""

    comment = Text(500, load_default="", metadata=describe("The reason, recorded with the step."))
    override = StrictBoolean(
        load_default=False,
        metadata=describe("Publish despite a rule of the team. For administrators; needs a comment."),
    )
    acknowledge = acknowledge()


class StepInputSchema(StepOptionsSchema):
    """A step of the workflow."""

    step = fields.String(required=True, validate=one_of(Step))


class EventSchema(OutputSchema):
    """A workflow step. `version` is the version of the incident it applied to."""

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
    """A page of workflow steps, newest first."""

    items = fields.List(fields.Nested(EventSchema))
    next = fields.String(allow_none=True)


class EmptyFieldSchema(OutputSchema):
    """An empty field, and the question it answers."""

    pointer = fields.String()
    label = fields.String()
    question = fields.String()
    example = fields.Raw()


class ObstacleSchema(OutputSchema):
    """A reason why the incident cannot be published yet."""

    key = fields.String()
    detail = fields.String()


class ConcernSchema(OutputSchema):
    """A concern to acknowledge when publishing, and where it is."""

    key = fields.String(validate=one_of(Concern))
    pointer = fields.String(metadata=describe("JSON pointer to the text; `/acknowledge` for open comments."))
    detail = fields.String()


class CompletenessSchema(OutputSchema):
    """What an incident still needs before it can be published."""

    status = fields.String(validate=one_of(Status))
    language = fields.String(metadata=describe("Language of this response."))
    complete = fields.Boolean(metadata=describe("Whether all fields required to publish are filled in."))
    missing = fields.List(fields.Nested(EmptyFieldSchema))
    recommended = fields.List(fields.Nested(EmptyFieldSchema))
    obstacles = fields.List(fields.Nested(ObstacleSchema))
    concerns = fields.List(
        fields.Nested(ConcernSchema), metadata=describe("The concerns to acknowledge in order to publish it.")
    )
    open_comments = fields.Integer()
    steps = fields.List(fields.String(), metadata=describe("The steps the caller may take next."))
    notes = fields.List(fields.Nested(NoteSchema))
