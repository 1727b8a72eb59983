"""Steps, completeness, comments, duplicates and follow-up actions, as they come in and go out."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from kb.domain.completeness import PUBLISHED_NEEDS, RECOMMENDED
from kb.domain.incident import FollowUpStatus, Kind, Status
from kb.domain.workflow import Step
from kb.schemas.fields import (
    Flag,
    InputSchema,
    Integer,
    Items,
    Moment,
    OutputSchema,
    QueryInteger,
    Text,
    one_of,
)
from kb.schemas.filters import LanguageQuerySchema
from kb.schemas.incident import NoteSchema
from kb.schemas.pagination import PageQuerySchema
from kb.schemas.query_fields import CommaSeparated, QueryBoolean

MAX_COMMENT_LENGTH = 5_000
_ABOUT = sorted({*PUBLISHED_NEEDS, *RECOMMENDED, "severity_evidence", "audience", "responses", "impacts"})


def _describe(text: str) -> dict[str, str]:
    return {"description": text}


class StepInputSchema(InputSchema):
    """A step of the workflow."""

    step = fields.String(required=True, validate=one_of(Step))
    comment = Text(500, load_default="", metadata=_describe("Why; it is kept with the step."))
    override = Flag(
        load_default=False,
        metadata=_describe("An administrator publishes against a rule of the team's; needs a comment."),
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
    overridden = fields.List(fields.String(), metadata=_describe("The rules that were overridden."))
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
    language = fields.String(metadata=_describe("The language of these words."))
    complete = fields.Boolean(metadata=_describe("Whether it says all that a published one must."))
    missing = fields.List(fields.Nested(AskedSchema))
    recommended = fields.List(fields.Nested(AskedSchema))
    obstacles = fields.List(fields.Nested(ObstacleSchema))
    open_comments = fields.Integer()
    steps = fields.List(fields.String(), metadata=_describe("The steps from here that the caller may take."))
    notes = fields.List(fields.Nested(NoteSchema))


class CommentInputSchema(InputSchema):
    """A new comment."""

    text = Text(MAX_COMMENT_LENGTH, required=True)
    about = fields.String(
        validate=validate.OneOf(_ABOUT, error="Must be one of: {choices}."), allow_none=True
    )
    internal = Flag(
        load_default=False,
        metadata=_describe("For the team only; so is whatever is said before the incident is public."),
    )


class CommentPatchSchema(InputSchema):
    """Whether a comment is resolved. Its text stays as it was written."""

    resolved = Flag(required=True)


class CommentQuerySchema(PageQuerySchema):
    """Which comments."""

    resolved = QueryBoolean(metadata=_describe("Only those that are resolved, or that are not."))


class CommentSchema(OutputSchema):
    """A comment on an incident."""

    id = fields.Integer()
    incident = fields.Integer()
    about = fields.String(allow_none=True)
    text = fields.String()
    internal = fields.Boolean()
    author = fields.String()
    created_at = fields.String(metadata={"format": "date-time"})
    resolved = fields.Boolean()
    resolved_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    resolved_by = fields.String(allow_none=True)
    version = fields.Integer()


class CommentListSchema(OutputSchema):
    """A page of comments, the latest first."""

    items = fields.List(fields.Nested(CommentSchema))
    next = fields.String(allow_none=True)


class MergeInputSchema(InputSchema):
    """How an incident becomes a duplicate of another."""

    take_over = Items(
        fields.String(validate=validate.OneOf(["lessons", "sources", "actions"])),
        most=3,
        load_default=list,
        metadata=_describe(
            "What the other gets as well, where it is new there; of the actions the open ones."
        ),
    )
    comment = Text(500, load_default="")


class DiffQuerySchema(InputSchema):
    """Which revisions are compared."""

    from_ = QueryInteger(
        data_key="from", validate=validate.Range(1), metadata=_describe("Default: the one before.")
    )
    to = QueryInteger(validate=validate.Range(1), metadata=_describe("Default: the latest."))


class RestoreInputSchema(InputSchema):
    """Why a revision is restored."""

    comment = Text(500, load_default="")


class FollowUpInputSchema(InputSchema):
    """A new action."""

    title = Text(500, required=True)
    owner = Text(
        200, shortest=1, allow_none=True, metadata=_describe("A member of the team by name, or anybody else.")
    )
    due_on = fields.Date(allow_none=True)
    lesson = Integer(allow_none=True, metadata=_describe("The id of the lesson that it follows from."))
    status = fields.String(validate=one_of(FollowUpStatus))
    completed_at = Moment()


class FollowUpPatchSchema(FollowUpInputSchema):
    """A change to an action; what is left out stays as it is."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"partial": True, **kwargs})


class FollowUpQuerySchema(PageQuerySchema):
    """Which actions."""

    team = Text(80, shortest=1)
    owner = Text(200, shortest=1, metadata=_describe("A name, or `me`."))
    status = CommaSeparated(fields.String(validate=one_of(FollowUpStatus)))
    overdue = QueryBoolean(load_default=False, metadata=_describe("Open, and due before today."))


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
    days = fields.Integer(allow_none=True, metadata=_describe("Since then; as many are counted before."))
    before = fields.Nested(PeriodCountSchema, allow_none=True)
    after = fields.Nested(PeriodCountSchema, allow_none=True)
    left_out = fields.Integer(
        allow_none=True, metadata=_describe("Of these days, perhaps: dated too roughly to say.")
    )


class EffectivenessSchema(OutputSchema):
    """Whether the lessons of an incident helped."""

    failure_modes = fields.List(fields.String())
    items = fields.List(fields.Nested(MeasuredSchema))


class TemplateQuerySchema(LanguageQuerySchema):
    """In which form a template is wanted."""

    format = fields.String(load_default=None, validate=validate.OneOf(["json", "markdown"]))


class FormFieldSchema(OutputSchema):
    """One field of a form."""

    name = fields.String()
    label = fields.String()
    question = fields.String()
    example = fields.Raw(allow_none=True)
    required = fields.Boolean(metadata=_describe("Before it is published."))


class TemplateSchema(OutputSchema):
    """The form of a postmortem: to fill in, to generate, to check."""

    kind = fields.String(validate=one_of(Kind))
    language = fields.String()
    markdown = fields.String()
    json_schema = fields.Dict(metadata=_describe("JSON Schema (2020-12) of the body of POST /incidents."))
    fields_ = fields.List(fields.Nested(FormFieldSchema), data_key="fields", attribute="fields")
    example = fields.Dict(metadata=_describe("A body that POST /incidents takes."))
