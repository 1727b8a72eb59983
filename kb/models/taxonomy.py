"""The taxonomy: namespaces of terms, loaded from the seeds and renamed without re-tagging anything."""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kb.models.base import Model


class Namespace(Model):
    """One axis of classification. `labels` and `descriptions` are keyed by language.

    `seed_digest`, here and below, is the digest of what the seeds last wrote: a row that differs from it was
    edited by people, and the seeds leave it alone.
    """

    __tablename__ = "namespace"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[str] = mapped_column(String(40))
    labels: Mapped[dict[str, str]] = mapped_column(JSON)
    descriptions: Mapped[dict[str, str]] = mapped_column(JSON)
    position: Mapped[int]
    seed_digest: Mapped[str | None] = mapped_column(String(64))


class Term(Model):
    """One value of a namespace. `scheme` names the standard that it is taken from, frozen at a version."""

    __tablename__ = "term"
    __table_args__ = (UniqueConstraint("namespace", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    namespace: Mapped[str] = mapped_column(ForeignKey("namespace.key"))
    key: Mapped[str] = mapped_column(String(80))
    labels: Mapped[dict[str, str]] = mapped_column(JSON)
    descriptions: Mapped[dict[str, str]] = mapped_column(JSON)
    aliases: Mapped[list[str]] = mapped_column(JSON)
    parent: Mapped[str | None] = mapped_column(String(80))
    scheme: Mapped[str | None] = mapped_column(String(40))
    position: Mapped[int]
    retired: Mapped[bool] = mapped_column(default=False)
    replaced_by: Mapped[str | None] = mapped_column(String(80))
    seed_digest: Mapped[str | None] = mapped_column(String(64))
