"""The taxonomy: namespaces of terms, loaded from the seeds. Renaming a term needs no retagging."""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kb.models.base import Model


class Namespace(Model):
    """One axis of classification. `labels` and `descriptions` are keyed by language.

    `seed_digest`, here and in Term, is the digest of the row as last seeded. A row that no longer matches it
    was edited by people, so seeding leaves it alone.
    """

    __tablename__ = "namespace"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[str] = mapped_column(String(40))
    labels: Mapped[dict[str, str]] = mapped_column(JSON)
    descriptions: Mapped[dict[str, str]] = mapped_column(JSON)
    position: Mapped[int]
    seed_digest: Mapped[str | None] = mapped_column(String(64))


class Term(Model):
    """A value in a namespace. `scheme` names the standard and version that it comes from, such as
    garm@2022-06."""

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
