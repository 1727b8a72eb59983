"""Users, and their memberships in teams."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.domain.permissions import Role
from kb.models.base import Model, UTCDateTime, utc_now


class User(Model):
    """A person who can sign in. `name` is unique and public. `email`, in lower case, is for signing in and is
    shown to administrators only.

    `password_hash` is Argon2id, or None for a user who cannot sign in yet. Users are disabled, never deleted,
    so that their writing keeps its author.
    """

    __tablename__ = "user_account"  # `user` is a reserved word of SQL

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(200), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str | None] = mapped_column(String(35))
    time_zone: Mapped[str] = mapped_column(String(64))
    site_admin: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column()

    memberships: Mapped[list[Membership]] = relationship(
        back_populates="user", order_by="Membership.team_id", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}


class Membership(Model):
    """The role of a user in a team."""

    __tablename__ = "membership"

    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True, index=True)
    role_key: Mapped[str] = mapped_column("role", String(40))
    since: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    version: Mapped[int] = mapped_column()

    user: Mapped[User] = relationship(back_populates="memberships")

    __mapper_args__ = {"version_id_col": version}

    @property
    def role(self) -> Role:
        return Role[self.role_key.upper()]
