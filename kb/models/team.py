"""Teams, and the API tokens of teams and users."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.domain.permissions import Role, Scope
from kb.models.base import Model, UTCDateTime, utc_now
from kb.models.user import User


class Team(Model):
    """A team, which owns incidents. `language` is the default for its texts."""

    __tablename__ = "team"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    language: Mapped[str | None] = mapped_column(String(35))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}


class ApiToken(Model):
    """A bearer token. Only its SHA-256 digest is stored; the token itself is shown once, on creation.

    It belongs either to a user, with that user's current permissions, or to a team, with a role. Its scopes
    limit both. `is_session` marks a token that was created by signing in. `created_by` is the principal that
    created it, or None if unknown.
    """

    __tablename__ = "api_token"
    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (team_id IS NULL)", name="owner"),
        CheckConstraint('(team_id IS NULL) = ("role" IS NULL)', name="role_of_team"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    role_key: Mapped[str | None] = mapped_column("role", String(40))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    scope_keys: Mapped[str] = mapped_column("scopes", String(200), server_default="read write review manage")
    is_session: Mapped[bool] = mapped_column(server_default=false())
    created_by: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    team: Mapped[Team | None] = relationship(lazy="joined")
    user: Mapped[User | None] = relationship(lazy="joined")

    @property
    def role(self) -> Role | None:
        """The role of a team's token; None for a user's token."""
        return None if self.role_key is None else Role[self.role_key.upper()]

    @property
    def scopes(self) -> frozenset[Scope]:
        return frozenset(Scope(key) for key in self.scope_keys.split())

    def is_valid_at(self, moment: datetime) -> bool:
        """Whether the token is valid at a time: not expired, not revoked, its user not disabled."""
        if self.user is not None and self.user.disabled_at is not None:
            return False
        return self.revoked_at is None and (self.expires_at is None or moment < self.expires_at)
