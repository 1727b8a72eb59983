"""Content calendars that signed-in readers have sent to be checked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from kb.models.base import Model, UTCDateTime


class CalendarUpload(Model):
    """A calendar, kept for a short time for whoever sent it, so that its result has pages.

    `content` is the file, compressed; `form` has how to read it, as it was typed; `results` say how each row
    fared and what it clashes with, None before the file is checked.
    """

    __tablename__ = "calendar_upload"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 (SQLAlchemy reads it)

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    principal: Mapped[str] = mapped_column(String(80), index=True)
    name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    form: Mapped[dict[str, str]] = mapped_column(JSON)
    results: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
