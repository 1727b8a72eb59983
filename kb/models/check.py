"""Receipts of checks, with overrides and feedback."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.domain.guard import OfferStatus, Verdict
from kb.models.base import EnumText, Model, UTCDateTime
from kb.models.team import Team


class Check(Model):
    """The receipt of a check by a signed-in caller. It never changes.

    Without a team, it belongs to its author alone. `text_sha256` is the digest of the text as sent, in UTF-8;
    `text`, stored as JSON because it may contain lone surrogates, is None unless it was to be kept. Without
    it, the places of `findings` have no text and no message. `draft` has the other attributes of the draft;
    `link_sha256` has the digests of its links. `account_key` is the account without its sign, in lower case.
    `ruleset` and `seq` identify the guards and the incidents that the draft was checked against.
    """

    __tablename__ = "draft_check"  # `check` is a reserved word of SQL
    __table_args__ = (
        Index("ix_draft_check_team_id_id", "team_id", "id"),
        Index("ix_draft_check_principal_id", "principal", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    author: Mapped[str] = mapped_column(String(200))
    principal: Mapped[str] = mapped_column(String(80))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    text_sha256: Mapped[str] = mapped_column(String(64))
    text: Mapped[str | None] = mapped_column(JSON(none_as_null=True))
    platform: Mapped[str | None] = mapped_column(String(100))
    account_key: Mapped[str | None] = mapped_column(String(200))
    draft: Mapped[dict[str, Any]] = mapped_column(JSON)
    link_sha256: Mapped[list[str]] = mapped_column(JSON)
    ruleset: Mapped[str] = mapped_column(String(64))
    seq: Mapped[int]
    verdict: Mapped[Verdict] = mapped_column(EnumText(Verdict))
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    concepts: Mapped[list[str]] = mapped_column(JSON)
    precedents: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    suppressions: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    rerun_of_id: Mapped[int | None] = mapped_column(
        ForeignKey("draft_check.id", ondelete="SET NULL"), index=True
    )

    team: Mapped[Team | None] = relationship(lazy="joined")
    overrides: Mapped[list[CheckOverride]] = relationship(order_by="CheckOverride.id", passive_deletes=True)


class CheckOverride(Model):
    """A person's decision to publish despite a check's findings, with the reason."""

    __tablename__ = "check_override"

    id: Mapped[int] = mapped_column(primary_key=True)
    check_id: Mapped[int] = mapped_column(ForeignKey("draft_check.id", ondelete="CASCADE"), index=True)
    author: Mapped[str] = mapped_column(String(200))
    principal: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class CheckFeedback(Model):
    """A finding that a person marked as harmless, offered to its guard as a harmless example.

    `number` is the 1-based number of the finding in the check. `example` is the draft with its text, in the
    format of guards' examples.
    """

    __tablename__ = "check_feedback"
    __table_args__ = (UniqueConstraint("check_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    check_id: Mapped[int] = mapped_column(ForeignKey("draft_check.id", ondelete="CASCADE"))
    number: Mapped[int]
    guard: Mapped[str] = mapped_column(String(120), index=True)
    example: Mapped[dict[str, Any]] = mapped_column(JSON)
    author: Mapped[str] = mapped_column(String(200))
    principal: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    status: Mapped[OfferStatus] = mapped_column(EnumText(OfferStatus))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(200))
