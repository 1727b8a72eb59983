"""Follow-up actions that prevent a failure from recurring."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.domain.follow_up import FollowUpStatus
from kb.models.base import EnumText, Model, UTCDateTime
from kb.models.incident import Incident
from kb.models.user import User


class FollowUp(Model):
    """An action that follows from an incident, or from one of its lessons; in the API an `action`.

    `lesson_id` may refer to a removed lesson, which restoring a revision can bring back. `owner` is the name
    of the person responsible; `owner_id` is set if that is a user. `completed_at` is None until the action is
    done.
    """

    __tablename__ = "follow_up"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    lesson_id: Mapped[int | None] = mapped_column(index=True)
    title: Mapped[str] = mapped_column(Text)
    owner: Mapped[str | None] = mapped_column(String(200))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    due_on: Mapped[date | None] = mapped_column(index=True)
    status: Mapped[FollowUpStatus] = mapped_column(EnumText(FollowUpStatus))
    author: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    completed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column()

    incident: Mapped[Incident] = relationship()
    person: Mapped[User | None] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}
