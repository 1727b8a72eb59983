"""Pagination parameters."""

from __future__ import annotations

from marshmallow import validate

from kb.schemas.base import InputSchema
from kb.schemas.fields import Text
from kb.schemas.query_fields import QueryInteger

MAX_LIMIT = 100
MAX_OFFSET = 10_000
MAX_CURSOR_LENGTH = 1_000
MAX_SEARCH_CURSOR_LENGTH = 12_000


class PageQuerySchema(InputSchema):
    """The pagination of a list."""

    limit = QueryInteger(load_default=20, validate=validate.Range(1, MAX_LIMIT))
    cursor = Text(MAX_CURSOR_LENGTH)
