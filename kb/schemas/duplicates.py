"""Incidents that may be the same, and merging them."""

from __future__ import annotations

from marshmallow import fields, validate

from kb.schemas.fields import (
    InputSchema,
    Items,
    OutputSchema,
    Text,
    describe,
)
from kb.schemas.incident import DuplicateSchema


class MergeInputSchema(InputSchema):
    """How an incident becomes a duplicate of another."""

    take_over = Items(
        fields.String(validate=validate.OneOf(["lessons", "sources", "actions"])),
        most=3,
        load_default=list,
        metadata=describe(
            "What the other gets as well, where it is new there; of the actions the open ones."
        ),
    )
    comment = Text(500, load_default="")


class DuplicateListSchema(OutputSchema):
    """What may be the same as an incident, the likeliest first."""

    items = fields.List(fields.Nested(DuplicateSchema))
