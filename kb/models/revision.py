"""Revisions, the history of an incident."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kb.domain.incident import Operation
from kb.models.base import EnumText, Model, UTCDateTime, utc_now


class Revision(Model):
    """A snapshot of an incident after one write, in all languages. `number` is the incident's version.

    `principal` identifies the author even after a change of name; it is None for writes from before users
    existed. `words_of` names other authors whose text the write restored or took over.
    """

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("incident_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    number: Mapped[int]
    operation: Mapped[Operation] = mapped_column(EnumText(Operation))
    author: Mapped[str] = mapped_column(String(200))
    principal: Mapped[str | None] = mapped_column(String(80))
    words_of: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    comment: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSON)
