"""The impact of an incident."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from kb.domain.incident import ImpactKind
from kb.models.base import EnumText, Model


class Impact(Model):
    """One impact. `amount` is money if there is a `currency` (ISO 4217), else a count; None if unknown."""

    __tablename__ = "impact"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    position: Mapped[int]
    kind: Mapped[ImpactKind] = mapped_column(EnumText(ImpactKind))
    amount: Mapped[float | None] = mapped_column(Numeric(20, 2, asdecimal=False))
    currency: Mapped[str | None] = mapped_column(String(3))
    alleged: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str | None] = mapped_column(String(200))
