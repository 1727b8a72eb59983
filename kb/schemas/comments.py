"""Comments on an incident."""

from __future__ import annotations

from marshmallow import fields, validate

from kb.domain.completeness import RECOMMENDED, REQUIRED_TO_PUBLISH
from kb.schemas.base import InputSchema, OutputSchema
from kb.schemas.fields import StrictBoolean, StrictInteger, Text, describe
from kb.schemas.pagination import PageQuerySchema
from kb.schemas.query_fields import QueryBoolean, QueryInteger

MAX_COMMENT_LENGTH = 5_000

_COMMENT_TARGETS = sorted(
    {*REQUIRED_TO_PUBLISH, *RECOMMENDED, "severity_evidence", "audience", "responses", "impacts"}
)


class CommentInputSchema(InputSchema):
    """A new comment."""

    text = Text(MAX_COMMENT_LENGTH, required=True)
    about = fields.String(validate=validate.OneOf(_COMMENT_TARGETS), allow_none=True)
    internal = StrictBoolean(
        load_default=False,
        metadata=describe("Visible only to the team, as are all comments until the incident is public."),
    )
    proposal = StrictInteger(
        allow_none=True, metadata=describe("The id of the proposal that it is about. Implies `internal`.")
    )


class CommentPatchSchema(InputSchema):
    """A change to a comment. Its text cannot be changed."""

    resolved = StrictBoolean(required=True)


class CommentQuerySchema(PageQuerySchema):
    """Filters for comments."""

    resolved = QueryBoolean(metadata=describe("Only resolved (`true`) or only open (`false`) comments."))
    proposal = QueryInteger(validate=validate.Range(1), metadata=describe("Only comments on this proposal."))


class CommentSchema(OutputSchema):
    """A comment on an incident."""

    id = fields.Integer()
    incident = fields.Integer()
    about = fields.String(allow_none=True)
    proposal = fields.Integer(allow_none=True)
    text = fields.String()
    internal = fields.Boolean()
    author = fields.String()
    created_at = fields.String(metadata={"format": "date-time"})
    resolved = fields.Boolean()
    resolved_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    resolved_by = fields.String(allow_none=True)
    version = fields.Integer()


class CommentListSchema(OutputSchema):
    """A page of comments, newest first."""

    items = fields.List(fields.Nested(CommentSchema))
    next = fields.String(allow_none=True)
