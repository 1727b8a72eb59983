"""Teams, and the tokens that speak for them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.domain.permissions import Role
from kb.models.base import Model, UTCDateTime, utc_now


class Team(Model):
    """Who owns incidents."""

    __tablename__ = "team"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)


class ApiToken(Model):
    """A bearer token. Only its SHA-256 digest is stored: the token itself is shown once, when it is made."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    role_key: Mapped[str] = mapped_column("role", String(40))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    team: Mapped[Team] = relationship(lazy="joined")

    @property
    def role(self) -> Role:
        return Role[self.role_key.upper()]

    def is_valid_at(self, moment: datetime) -> bool:
        """Whether the token opens anything at this moment."""
        return self.revoked_at is None and (self.expires_at is None or moment < self.expires_at)
