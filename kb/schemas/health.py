"""Liveness and readiness."""

from __future__ import annotations

from marshmallow import fields

from kb.schemas.base import OutputSchema


class LiveSchema(OutputSchema):
    """Liveness."""

    status = fields.String()


class DatabaseHealthSchema(OutputSchema):
    """Whether the database responds."""

    ok = fields.Boolean()


class IndexHealthSchema(OutputSchema):
    """Whether the search index is readable, and how many changes it lags behind the database."""

    ok = fields.Boolean()
    lag = fields.Integer(allow_none=True)


class ReadySchema(OutputSchema):
    """Readiness."""

    status = fields.String()
    database = fields.Nested(DatabaseHealthSchema)
    index = fields.Nested(IndexHealthSchema)
