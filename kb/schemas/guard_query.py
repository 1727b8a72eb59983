"""Filters of the list of guards."""

from __future__ import annotations

from marshmallow import fields

from kb.domain.guard import GuardOrigin, GuardType, Severity
from kb.schemas.base import InputSchema
from kb.schemas.fields import Text, one_of


class GuardQuerySchema(InputSchema):
    """Filters for guards: words in their texts, and properties."""

    q = Text(200, load_default="")
    type = fields.String(validate=one_of(GuardType))
    severity = fields.String(validate=one_of(Severity))
    origin = fields.String(validate=one_of(GuardOrigin))
