"""Revisions, differences between them, and restoring one."""

from __future__ import annotations

from marshmallow import fields, validate

from kb.schemas.fields import (
    InputSchema,
    OutputSchema,
    QueryInteger,
    Text,
    describe,
)


class DiffQuerySchema(InputSchema):
    """Which revisions are compared."""

    from_ = QueryInteger(
        data_key="from", validate=validate.Range(1), metadata=describe("Default: the one before.")
    )
    to = QueryInteger(validate=validate.Range(1), metadata=describe("Default: the latest."))


class RestoreInputSchema(InputSchema):
    """Why a revision is restored."""

    comment = Text(500, load_default="")


class RevisionSchema(OutputSchema):
    """What one write left behind: `snapshot` is the whole incident, with all its languages."""

    number = fields.Integer()
    operation = fields.String()
    author = fields.String()
    comment = fields.String(allow_none=True)
    at = fields.String(metadata={"format": "date-time"})
    snapshot = fields.Dict()


class PieceSchema(OutputSchema):
    """A stretch of a text: in both, only in the later, or only in the earlier."""

    op = fields.String(validate=validate.OneOf(["equal", "insert", "delete"]))
    text = fields.String()


class FieldDiffSchema(OutputSchema):
    """One field that two revisions differ in; `words` compares texts word by word, and is null for others."""

    pointer = fields.String()
    before = fields.Raw(allow_none=True)
    after = fields.Raw(allow_none=True)
    words = fields.List(fields.Nested(PieceSchema), allow_none=True)


class DiffSchema(OutputSchema):
    """What two revisions differ in."""

    from_ = fields.Integer(data_key="from", attribute="from")
    to = fields.Integer()
    fields_ = fields.List(fields.Nested(FieldDiffSchema), data_key="fields", attribute="fields")


class RevisionListSchema(OutputSchema):
    """The history of an incident, the latest write first."""

    items = fields.List(fields.Nested(RevisionSchema))
    next = fields.String(allow_none=True)
