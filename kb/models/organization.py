"""Aliases of organizations that no rule of spelling can match."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from kb.models.base import Model, UTCDateTime, utc_now


class OrganizationAlias(Model):
    """Another name of an organization, in any script, defined by an administrator.

    `name` and `organization` are as written, `key` and `organization_key` their keys. The target of an alias
    is never an alias itself.
    """

    __tablename__ = "organization_alias"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    organization_key: Mapped[str] = mapped_column(String(200), index=True)
    organization: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}
