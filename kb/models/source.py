"""The sources of the facts of an incident."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kb.domain.incident import SourceKind
from kb.models.base import EnumText, Model


class Source(Model):
    """A source. `archive_url` is a permanent copy of `url`.

    `url_key` and `archive_key` are the keys of the two, equal for all spellings of a link
    (`kb.domain.links.link_key`). A copy whose address contains the original's has the original's key.
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
    archive_key: Mapped[str | None] = mapped_column(String(64), index=True)
    published_on: Mapped[date | None]
    kind: Mapped[SourceKind] = mapped_column(EnumText(SourceKind))

    @property
    def link_keys(self) -> set[str]:
        """The keys of its two links."""
        return {key for key in (self.url_key, self.archive_key) if key is not None}
