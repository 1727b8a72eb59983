"""The audit log."""

from __future__ import annotations

from marshmallow import fields

from kb.domain.audit import AuditEvent
from kb.schemas.fields import (
    OutputSchema,
    one_of,
)
from kb.schemas.pagination import PageQuerySchema
from kb.schemas.query_fields import CommaSeparated, UtcDateTime


class AuditQuerySchema(PageQuerySchema):
    """Which entries of the audit log."""

    event = CommaSeparated(fields.String(validate=one_of(AuditEvent)))
    since = UtcDateTime("At this moment or later.")


class AuditEntrySchema(OutputSchema):
    """One entry: `principal` is who it was, whatever the name is by now."""

    id = fields.Integer()
    at = fields.String(metadata={"format": "date-time"})
    event = fields.String(validate=one_of(AuditEvent))
    actor = fields.String()
    principal = fields.String()
    address = fields.String(allow_none=True)
    team = fields.String(allow_none=True)
    incident = fields.Integer(allow_none=True)
    detail = fields.Dict()


class AuditListSchema(OutputSchema):
    """A page of the audit log, the latest first."""

    items = fields.List(fields.Nested(AuditEntrySchema))
    next = fields.String(allow_none=True)
