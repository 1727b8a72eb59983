"""The change feed."""

from __future__ import annotations

from marshmallow import fields, validate

from kb.domain.incident import Operation, Status
from kb.schemas.fields import OutputSchema, Text, describe, one_of
from kb.schemas.filters import DrillDownSchema
from kb.schemas.pagination import MAX_LIMIT
from kb.schemas.query_fields import CommaSeparated, QueryInteger

DEFAULT_CHANGES = 100
DEFAULT_ENTRIES = 50


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


class ChangesQuerySchema(DrillDownSchema):
    """A position in the change feed or, for the Atom feed, the filters of the list of incidents."""

    since = QueryInteger(
        load_default=None,
        validate=validate.Range(0, 2**31 - 1),
        metadata=describe("The last `seq` received. Default: from the first change. Only for JSON."),
    )
    status = CommaSeparated(
        fields.String(validate=one_of(Status)), metadata=describe("Default: only published incidents.")
    )
    limit = QueryInteger(
        load_default=None,
        validate=validate.Range(1, 1_000),
        metadata=describe(
            f"Default: {DEFAULT_CHANGES} changes, or {DEFAULT_ENTRIES} entries of Atom, "
            f"which has at most {MAX_LIMIT} on a page."
        ),
    )
    cursor = Text(300, metadata=describe("From the link `next` of an Atom feed."))
    format = fields.String(load_default=None, validate=validate.OneOf(["json", "atom"]))
