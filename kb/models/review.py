"""The review of an incident: steps of the workflow, and comments."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kb.domain.incident import Status
from kb.domain.workflow import Step
from kb.models.base import EnumText, Model, UTCDateTime


class ReviewEvent(Model):
    """A step of the workflow: who took it, when and why, and the status before and after.

    `version` is the version of the incident that the step applied to, such as the one that was approved.
    """

    __tablename__ = "review_event"
    __table_args__ = (Index("ix_review_event_incident_id_id", "incident_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    version: Mapped[int]
    step: Mapped[Step] = mapped_column(EnumText(Step))
    before: Mapped[Status] = mapped_column(EnumText(Status))
    after: Mapped[Status] = mapped_column(EnumText(Status))
    author: Mapped[str] = mapped_column(String(200))
    principal: Mapped[str] = mapped_column(String(80))
    comment: Mapped[str | None] = mapped_column(Text)
    overridden: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Comment(Model):
    """A comment on an incident, open until it is resolved. Its text never changes.

    An `internal` comment is for the team only, as are all comments made before the incident was public, and
    those on a proposal.
    """

    __tablename__ = "comment"
    __table_args__ = (Index("ix_comment_incident_id_id", "incident_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"), index=True)
    about: Mapped[str | None] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    internal: Mapped[bool]
    author: Mapped[str] = mapped_column(String(200))
    principal: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    resolved_by: Mapped[str | None] = mapped_column(String(200))
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
