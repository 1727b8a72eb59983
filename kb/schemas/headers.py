"""Request headers that make a write conditional or idempotent."""

from __future__ import annotations

from marshmallow import EXCLUDE, fields

from kb.schemas.fields import InputSchema, Text


class ConditionSchema(InputSchema):
    """The version that a change is based on."""

    class Meta:
        unknown = EXCLUDE

    if_match = fields.String(
        data_key="If-Match",
        load_default=None,
        metadata={"description": "The ETag of the version that the change is based on. Required."},
    )


class IdempotencySchema(InputSchema):
    """A client's name for one request."""

    class Meta:
        unknown = EXCLUDE

    key = Text(
        200,
        shortest=1,
        data_key="Idempotency-Key",
        load_default=None,
        metadata={
            "description": "A value of the client's choosing; sent again, the answer is the first one's."
        },
    )
