"""Content calendars that signed-in readers have uploaded for a check."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from kb.models.base import Model, UTCDateTime


class CalendarUpload(Model):
    """An uploaded calendar, kept for its sender for a short time, so that its result can be shown in pages.

    `content` is the compressed file; `form` has the import options as typed; `results` has the outcome and
    the clashes of each row, and is None until the file has been checked.
    """

    __tablename__ = "calendar_upload"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    principal: Mapped[str] = mapped_column(String(80), index=True)
    name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    form: Mapped[dict[str, str]] = mapped_column(JSON)
    results: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
