"""Collections of incidents."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from kb.models.base import Model, UTCDateTime


class Collection(Model):
    """The metadata of an added collection of incidents, as of its latest version.

    When the collection is removed, this row stays, with `removed_at`, because incidents that people have
    edited stay as well and refer to it. `titles` and `descriptions` are by language.
    """

    __tablename__ = "collection"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    version: Mapped[str] = mapped_column(String(40))
    titles: Mapped[dict[str, str]] = mapped_column(JSON)
    descriptions: Mapped[dict[str, str]] = mapped_column(JSON)
    license: Mapped[str] = mapped_column(String(200))
    contact: Mapped[str] = mapped_column(String(200))
    added_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
