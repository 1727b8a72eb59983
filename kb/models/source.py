"""The sources of the facts of an incident."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kb.domain.incident import SourceKind
from kb.models.base import EnumText, Model


class Source(Model):
    """A source. `archive_url` is a permanent copy of `url`.

    `url_key` is a key under which spellings of one link compare equal (`kb.domain.links.link_key`).
    """

    __tablename__ = "source"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    position: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    publisher: Mapped[str | None] = mapped_column(String(200))
    url: Mapped[str | None] = mapped_column(Text)
    url_key: Mapped[str | None] = mapped_column(String(64), index=True)
    archive_url: Mapped[str | None] = mapped_column(Text)
    published_on: Mapped[date | None]
    kind: Mapped[SourceKind] = mapped_column(EnumText(SourceKind))
