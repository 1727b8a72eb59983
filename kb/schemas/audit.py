"""The audit log."""

from __future__ import annotations

from marshmallow import fields

from kb.domain.audit import AuditEvent
from kb.schemas.base import OutputSchema
from kb.schemas.fields import one_of
from kb.schemas.pagination import PageQuerySchema
from kb.schemas.query_fields import CommaSeparated, UtcDateTime


class AuditQuerySchema(PageQuerySchema):
    """Filters for the audit log."""

    event = CommaSeparated(fields.String(validate=one_of(AuditEvent)))
    since = UtcDateTime("At or after this time.")


class AuditEntrySchema(OutputSchema):
    """An entry of the audit log. `principal` identifies who acted, even after a rename."""

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
    """A page of the audit log, newest first."""

    items = fields.List(fields.Nested(AuditEntrySchema))
    next = fields.String(allow_none=True)
