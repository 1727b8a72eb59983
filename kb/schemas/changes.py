"""The change feed."""

from __future__ import annotations

from marshmallow import fields, validate

from kb.domain.incident import Operation
from kb.schemas.fields import (
    InputSchema,
    OutputSchema,
    QueryInteger,
    one_of,
)


class ChangeSchema(OutputSchema):
    """One write to one incident."""

    seq = fields.Integer()
    incident = fields.Integer()
    operation = fields.String(validate=one_of(Operation))
    version = fields.Integer()
    at = fields.String(metadata={"format": "date-time"})


class ChangeListSchema(OutputSchema):
    """The next changes, in the order of their commits; `since` is what to ask with next."""

    items = fields.List(fields.Nested(ChangeSchema))
    since = fields.Integer()


class ChangesQuerySchema(InputSchema):
    """The changes after a point."""

    since = QueryInteger(
        load_default=None,
        validate=validate.Range(0, 2**31 - 1),
        metadata={
            "description": "The last `seq` that is known. "
            "Without it, JSON begins with the first change, Atom with the latest."
        },
    )
    limit = QueryInteger(load_default=100, validate=validate.Range(1, 1_000))
    format = fields.String(load_default=None, validate=validate.OneOf(["json", "atom"]))
