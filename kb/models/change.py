"""The change feed, from which indexes and other consumers are updated."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kb.domain.incident import Operation
from kb.models.base import EnumText, Model, UTCDateTime


class Change(Model):
    """One write to one incident. `seq` has no gaps and follows the commit order.

    `public` says whether the incident was public before or after the write. Otherwise only its team may see
    the change.
    """

    __tablename__ = "change"
    __table_args__ = (Index("ix_change_public_seq", "public", "seq"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    operation: Mapped[Operation] = mapped_column(EnumText(Operation))
    version: Mapped[int]
    public: Mapped[bool]
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class ChangeCounter(Model):
    """The last assigned `seq`: a single row, updated at the end of each writing transaction.

    `database` identifies the database. An index stores it to know whose changes it contains.
    """

    __tablename__ = "change_counter"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    database: Mapped[str] = mapped_column(String(32))
