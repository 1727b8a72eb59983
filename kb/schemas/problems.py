"""Errors (RFC 9457)."""

from __future__ import annotations

from marshmallow import EXCLUDE, INCLUDE, Schema, fields

from kb.schemas.fields import describe


class ProblemErrorSchema(Schema):
    """An error in the body (at a JSON pointer) or in a parameter."""

    class Meta:
        unknown = EXCLUDE

    pointer = fields.String(metadata=describe("A JSON pointer (RFC 6901) into the body."))
    parameter = fields.String(metadata=describe("The name of a query parameter or header."))
    detail = fields.String(required=True)


class ProblemSchema(Schema):
    """An error (RFC 9457, application/problem+json)."""

    class Meta:
        unknown = INCLUDE

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.List(fields.Nested(ProblemErrorSchema))
