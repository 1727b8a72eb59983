"""Which page of a list."""

from __future__ import annotations

from marshmallow import validate

from kb.schemas.fields import InputSchema, QueryInteger, Text

MAX_LIMIT = 100


MAX_OFFSET = 10_000


class PageQuerySchema(InputSchema):
    """A page of a list without filters."""

    limit = QueryInteger(load_default=20, validate=validate.Range(1, MAX_LIMIT))
    cursor = Text(300)
