"""Request headers that make a write conditional or idempotent."""

from __future__ import annotations

from marshmallow import EXCLUDE, fields

from kb.schemas.base import InputSchema
from kb.schemas.fields import Text, describe


class ConditionSchema(InputSchema):
    """The version that a change is based on."""

    class Meta:
        unknown = EXCLUDE

    if_match = fields.String(
        data_key="If-Match",
        load_default=None,
        # The server answers 428, not 422, where it is missing: so it is required in the document only.
        metadata={
            "documented_as_required": True,
            **describe("ETag of the version that the change is based on, its version in quotes, or `*`."),
        },
    )


class OptionalConditionSchema(ConditionSchema):
    """The version that a change is based on, for a resource that may not exist yet."""

    if_match = fields.String(
        data_key="If-Match",
        load_default=None,
        metadata=describe(
            "ETag of the version that the change is based on. Required if the resource exists."
        ),
    )


class IdempotencySchema(InputSchema):
    """The key of an idempotent request."""

    class Meta:
        unknown = EXCLUDE

    key = Text(
        200,
        min_length=1,
        data_key="Idempotency-Key",
        load_default=None,
        metadata=describe("Any value you choose. A repeated request with it returns the first response."),
    )
