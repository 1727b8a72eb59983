"""Proposals: changes to a published incident that are not visible to its readers yet."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.domain.proposal import ProposalStatus, ProposalStep
from kb.models.base import EnumText, Model, UTCDateTime
from kb.models.incident import Incident

_IS_OPEN = text("status = 'open'")


class Proposal(Model):
    """A proposed revision of a published incident.

    `language` is the translation's if only a translation changes, otherwise the original's. An incident
    has at most one open proposal per language. `version` is the number of the proposal's latest revision.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        Index("ix_proposal_incident_id", "incident_id"),
        Index(
            "uq_proposal_open",
            "incident_id",
            "language",
            unique=True,
            sqlite_where=_IS_OPEN,
            postgresql_where=_IS_OPEN,
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    language: Mapped[str] = mapped_column(String(35))
    status: Mapped[ProposalStatus] = mapped_column(EnumText(ProposalStatus))
    author: Mapped[str] = mapped_column(String(200))
    principal: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column()

    incident: Mapped[Incident] = relationship()
    revisions: Mapped[list[ProposalRevision]] = relationship(order_by="ProposalRevision.number")
    events: Mapped[list[ProposalEvent]] = relationship(order_by="ProposalEvent.id")


class ProposalRevision(Model):
    """The state of an incident as a proposal would make it, after one edit of the proposal.

    `base_version` is the version of the incident that the edit was based on, and `snapshot` the whole
    incident with the proposed changes. `words_of` names other authors whose text the edit brought in.
    """

    __tablename__ = "proposal_revision"
    __table_args__ = (UniqueConstraint("proposal_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    number: Mapped[int]
    base_version: Mapped[int]
    author: Mapped[str] = mapped_column(String(200))
    principal: Mapped[str] = mapped_column(String(80))
    words_of: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    comment: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    # Loaded on access, because a list of revisions does not need whole incidents.
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSON, deferred=True)


class ProposalEvent(Model):
    """A step that a proposal has taken: who took it, when and why, at which version of the proposal."""

    __tablename__ = "proposal_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    version: Mapped[int]
    step: Mapped[ProposalStep] = mapped_column(EnumText(ProposalStep))
    author: Mapped[str] = mapped_column(String(200))
    principal: Mapped[str] = mapped_column(String(80))
    comment: Mapped[str | None] = mapped_column(Text)
    overridden: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
