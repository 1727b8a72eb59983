"""The change feed."""

from __future__ import annotations

from marshmallow import fields, validate

from kb.domain.incident import Operation
from kb.schemas.fields import InputSchema, OutputSchema, describe, one_of
from kb.schemas.query_fields import QueryInteger, format_parameter


class ChangeSchema(OutputSchema):
    """One write to one incident."""

    seq = fields.Integer()
    incident = fields.Integer()
    operation = fields.String(validate=one_of(Operation))
    version = fields.Integer()
    at = fields.String(metadata={"format": "date-time"})


class ChangeListSchema(OutputSchema):
    """The next changes, in commit order. Send `since` with the next request."""

    items = fields.List(fields.Nested(ChangeSchema))
    since = fields.Integer()


class ChangesQuerySchema(InputSchema):
    """A position in the change feed."""

    since = QueryInteger(
        load_default=None,
        validate=validate.Range(0, 2**31 - 1),
        metadata=describe(
            "The last `seq` received. Without it, JSON starts at the first change and Atom shows the latest."
        ),
    )
    limit = QueryInteger(load_default=100, validate=validate.Range(1, 1_000))
    format = format_parameter(["json", "atom"])
