"""Proposals: changes to a published incident that await a review."""

from __future__ import annotations

from marshmallow import fields, validate

from kb.domain.proposal import ProposalStatus, ProposalStep
from kb.schemas.base import InputSchema, OutputSchema
from kb.schemas.fields import LimitedList, Text, describe, one_of
from kb.schemas.filters import LanguageQuerySchema
from kb.schemas.history import FieldDiffSchema
from kb.schemas.incident import IncidentSchema
from kb.schemas.incident_input import IncidentPatchSchema
from kb.schemas.language_fields import Language
from kb.schemas.pagination import PageQuerySchema
from kb.schemas.query_fields import CommaSeparated, QueryInteger
from kb.schemas.review import ConcernSchema, ObstacleSchema, StepOptionsSchema


class ProposalQuerySchema(PageQuerySchema):
    """Filters for proposals."""

    team = Text(80, min_length=1)
    status = CommaSeparated(fields.String(validate=one_of(ProposalStatus)))


class ProposalVersionQuerySchema(LanguageQuerySchema):
    """The version of a proposal, and the language of its content."""

    version = QueryInteger(validate=validate.Range(1), metadata=describe("Default: the latest."))


class ProposalPatchSchema(IncidentPatchSchema):
    """A change to a proposal. Fields that are not sent stay the same.

    The texts are in `language`. Default: the language that is proposed.
    """

    language = Language(metadata=describe("Language of the texts sent. Default: the proposal's."))
    keep = LimitedList(
        Text(200, min_length=1),
        max_length=500,
        metadata=describe("JSON pointers of conflicts in which the proposed value wins."),
    )

    class Meta(InputSchema.Meta):
        exclude = ("slug", "team", "status", "acknowledge", "passed_check")


class ProposalStepInputSchema(StepOptionsSchema):
    """A step of a proposal."""

    step = fields.String(required=True, validate=one_of(ProposalStep))


class ProposalSummarySchema(OutputSchema):
    """A proposal in a list."""

    id = fields.Integer()
    incident = fields.Integer()
    title = fields.String(metadata=describe("Title of the published incident."))
    team = fields.String()
    language = fields.String(
        metadata=describe("The language of the translation if only that changes, otherwise the original's.")
    )
    translation = fields.Boolean(metadata=describe("Whether it only changes one translation."))
    status = fields.String(validate=one_of(ProposalStatus))
    author = fields.String()
    created_at = fields.String(metadata={"format": "date-time"})
    updated_at = fields.String(metadata={"format": "date-time"})
    version = fields.Integer(metadata=describe("Increases with each edit; part of the ETag."))


class ProposalListSchema(OutputSchema):
    """A page of proposals, newest first."""

    items = fields.List(fields.Nested(ProposalSummarySchema))
    next = fields.String(allow_none=True)


class ConflictSchema(OutputSchema):
    """A field that has also changed in the published incident since the version that the proposal is based
    on.
    """

    pointer = fields.String()
    detail = fields.String()


class ProposalRevisionSchema(OutputSchema):
    """An edit of a proposal."""

    version = fields.Integer()
    author = fields.String()
    comment = fields.String(allow_none=True)
    at = fields.String(metadata={"format": "date-time"})


class ProposalEventSchema(OutputSchema):
    """A step that a proposal has taken, at one of its versions."""

    step = fields.String(validate=one_of(ProposalStep))
    version = fields.Integer()
    author = fields.String()
    comment = fields.String(allow_none=True)
    overridden = fields.List(fields.String(), metadata=describe("The rules that were overridden."))
    at = fields.String(metadata={"format": "date-time"})


class ProposalSchema(ProposalSummarySchema):
    """A proposed revision of a published incident, for its team: the result, and the changes."""

    base_version = fields.Integer(metadata=describe("The version of the incident that it is based on."))
    incident_version = fields.Integer(metadata=describe("The current version of the incident."))
    content = fields.Nested(IncidentSchema, metadata=describe("The incident with the proposed changes."))
    changes = fields.List(
        fields.Nested(FieldDiffSchema), metadata=describe("The differences to the published incident.")
    )
    conflicts = fields.List(fields.Nested(ConflictSchema))
    obstacles = fields.List(fields.Nested(ObstacleSchema))
    concerns = fields.List(
        fields.Nested(ConcernSchema), metadata=describe("The concerns to acknowledge in order to publish it.")
    )
    open_comments = fields.Integer()
    steps = fields.List(fields.String(), metadata=describe("The steps the caller may take next."))
    revisions = fields.List(fields.Nested(ProposalRevisionSchema))
    events = fields.List(fields.Nested(ProposalEventSchema))
