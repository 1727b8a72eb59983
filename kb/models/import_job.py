"""Import jobs that were submitted over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from kb.domain.import_job import ImportPhase, ImportState
from kb.models.base import EnumText, Model, UTCDateTime

_IS_ACTIVE = text("state IN ('queued', 'running')")


class ImportJob(Model):
    """An import: its file until it has ended, its progress, and then its report.

    `content` is the compressed file. `heartbeat_at` is when the process that works on it last reported, and
    `attempt` the number of the try: an abandoned try cannot write. `is_written` is set in the transaction
    that stores the incidents.
    """

    __tablename__ = "import_job"
    __table_args__ = (
        # One active job per team.
        Index(
            "uq_import_job_active_team",
            "team_id",
            unique=True,
            sqlite_where=_IS_ACTIVE,
            postgresql_where=_IS_ACTIVE,
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    heartbeat_at: Mapped[datetime] = mapped_column(UTCDateTime)
    author: Mapped[str] = mapped_column(String(200))
    principal: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(200))
    options: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[ImportState] = mapped_column(EnumText(ImportState))
    phase: Mapped[ImportPhase] = mapped_column(EnumText(ImportPhase))
    done: Mapped[int]
    total: Mapped[int]
    attempt: Mapped[int]
    is_written: Mapped[bool]
    error: Mapped[str | None] = mapped_column(Text)
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
