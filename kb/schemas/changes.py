"""The change feed."""

from __future__ import annotations

from marshmallow import fields, validate

from kb.domain.incident import Operation, Status
from kb.schemas.base import InputSchema, OutputSchema
from kb.schemas.fields import Text, describe, one_of
from kb.schemas.filters import DrillDownSchema
from kb.schemas.pagination import MAX_LIMIT
from kb.schemas.query_fields import CommaSeparated, QueryInteger, format_parameter

DEFAULT_ENTRIES = 50
"""Entries on a page of the Atom feed."""


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
        metadata=describe("The last `seq` received. Default: from the first change."),
    )
    limit = QueryInteger(load_default=100, validate=validate.Range(1, 1_000))
    format = format_parameter(["json", "atom"])


class FeedQuerySchema(DrillDownSchema):
    """A page of the Atom feed, and the filters of its incidents."""

    status = CommaSeparated(
        fields.String(validate=one_of(Status)), metadata=describe("Default: only published incidents.")
    )
    limit = QueryInteger(
        load_default=None,
        validate=validate.Range(1, MAX_LIMIT),
        metadata=describe(f"Default: {DEFAULT_ENTRIES}."),
    )
    cursor = Text(300, metadata=describe("From the link `next` of a page."))
