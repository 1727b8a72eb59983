"""Likely duplicates, and merging them."""

from __future__ import annotations

from marshmallow import fields, validate

from kb.schemas.base import InputSchema, OutputSchema
from kb.schemas.fields import LimitedList, Text, acknowledge, describe
from kb.schemas.incident import CardSchema, DuplicateSchema


class MergeInputSchema(InputSchema):
    """How an incident is merged into another."""

    take_over = LimitedList(
        fields.String(validate=validate.OneOf(["lessons", "sources", "actions"])),
        max_length=3,
        load_default=list,
        metadata=describe(
            "What to add to the remaining incident, unless it is already there. Only open actions are moved."
        ),
    )
    comment = Text(500, load_default="")
    acknowledge = acknowledge()


class DistinctSchema(OutputSchema):
    """An incident that was marked as distinct."""

    incident = fields.Nested(CardSchema)
    at = fields.String(metadata={"format": "date-time", **describe("When it was marked.")})


class DuplicateListSchema(OutputSchema):
    """Likely duplicates of an incident, most likely first, and incidents that were marked as distinct."""

    items = fields.List(fields.Nested(DuplicateSchema))
    distinct = fields.List(fields.Nested(DistinctSchema), metadata=describe("The latest 100."))
