"""The audit log, and failed attempts to authenticate."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kb.domain.audit import AuditEvent
from kb.models.base import EnumText, Model, UTCDateTime


class AuditEntry(Model):
    """An audit log entry, committed along with what it records. The database refuses to change or delete it.

    `team_id` is the team whose administrators may read it; if it is None, only site administrators may.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_team_id_id", "team_id", "id"),
        Index("ix_audit_entry_principal_event", "principal", "event"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    event: Mapped[AuditEvent] = mapped_column(EnumText(AuditEvent))
    actor: Mapped[str] = mapped_column(String(200))
    principal: Mapped[str] = mapped_column(String(80))
    address: Mapped[str | None] = mapped_column(String(64))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


class FailedAttempt(Model):
    """A failed attempt to sign in or to use a token. `key` is a digest of the rate limit and the account or
    network."""

    __tablename__ = "failed_attempt"
    __table_args__ = (Index("ix_failed_attempt_key_at", "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
