"""Idempotency keys for requests that must be performed only once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from kb.models.base import Model, UTCDateTime


class IdempotencyKey(Model):
    """A client's key for one request. `answer` is None while the request is in flight.

    `claim` identifies one of several attempts with the same key, by process and a random part. Only that
    attempt may store its answer, in the transaction that does the work.
    """

    __tablename__ = "idempotency_key"

    token_id: Mapped[int] = mapped_column(ForeignKey("api_token.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    claim: Mapped[str] = mapped_column(String(32))
    claimed_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
