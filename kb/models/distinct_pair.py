"""Pairs of incidents that look alike but are distinct."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from kb.models.base import Model, UTCDateTime


class DistinctPair(Model):
    """Two incidents that a person marked as distinct, so neither is offered as a duplicate of the other.

    `incident_id` is the lower of the two ids, so that a pair has one row.
    """

    __tablename__ = "distinct_pair"
    __table_args__ = (CheckConstraint("incident_id < other_id", name="lower_id_first"),)

    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), primary_key=True, index=True)
    author: Mapped[str] = mapped_column(String(200))
    principal: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
