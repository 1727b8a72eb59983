"""Liveness and readiness."""

from __future__ import annotations

from marshmallow import fields

from kb.schemas.fields import OutputSchema


class LiveSchema(OutputSchema):
    """The process answers."""

    status = fields.String()


class DatabaseHealthSchema(OutputSchema):
    """Whether the database answers."""

    ok = fields.Boolean()


class IndexHealthSchema(OutputSchema):
    """Whether the search index can be read, and how many changes it is behind the database."""

    ok = fields.Boolean()
    lag = fields.Integer(allow_none=True)


class ReadySchema(OutputSchema):
    """Whether the service can do its work."""

    status = fields.String()
    database = fields.Nested(DatabaseHealthSchema)
    index = fields.Nested(IndexHealthSchema)
