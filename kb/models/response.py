"""The responses of an organization to an incident."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.models.base import Model
from kb.models.taxonomy import Term


class Response(Model):
    """One response, such as a deletion or an apology: a term of the namespace `response`."""

    __tablename__ = "response"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    position: Mapped[int]
    term_id: Mapped[int] = mapped_column(ForeignKey("term.id"), index=True)
    at: Mapped[date | None]

    term: Mapped[Term] = relationship(lazy="joined")
