"""Revisions, diffs and restores."""

from __future__ import annotations

from marshmallow import fields, validate

from kb.schemas.base import InputSchema, OutputSchema
from kb.schemas.fields import Text, acknowledge, describe
from kb.schemas.query_fields import QueryInteger


class DiffQuerySchema(InputSchema):
    """The revisions to compare."""

    from_ = QueryInteger(
        data_key="from", validate=validate.Range(1), metadata=describe("Default: the revision before `to`.")
    )
    to = QueryInteger(validate=validate.Range(1), metadata=describe("Default: the latest revision."))


class RestoreInputSchema(InputSchema):
    """The reason for restoring a revision."""

    comment = Text(500, load_default="")
    acknowledge = acknowledge()


class RevisionSchema(OutputSchema):
    """The state of an incident after one write. `snapshot` is the whole incident in all its languages."""

    number = fields.Integer()
    operation = fields.String()
    author = fields.String()
    comment = fields.String(allow_none=True)
    at = fields.String(metadata={"format": "date-time"})
    snapshot = fields.Dict()


class PieceSchema(OutputSchema):
    """A run of words: in both revisions, only in the later one, or only in the earlier one."""

    op = fields.String(validate=validate.OneOf(["equal", "insert", "delete"]))
    text = fields.String()


class FieldDiffSchema(OutputSchema):
    """A field that differs between two revisions. `words` is a diff by word, null for non-text fields."""

    pointer = fields.String()
    before = fields.Raw(allow_none=True)
    after = fields.Raw(allow_none=True)
    words = fields.List(fields.Nested(PieceSchema), allow_none=True)


class DiffSchema(OutputSchema):
    """The differences between two revisions."""

    from_ = fields.Integer(data_key="from", attribute="from")
    to = fields.Integer()
    fields_ = fields.List(fields.Nested(FieldDiffSchema), data_key="fields", attribute="fields")


class RevisionListSchema(OutputSchema):
    """A page of revisions, newest first."""

    items = fields.List(fields.Nested(RevisionSchema))
    next = fields.String(allow_none=True)
