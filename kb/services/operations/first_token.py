"""The administrator's token that the first start prints."""

from __future__ import annotations

from itertools import count

from sqlalchemy import or_, select

from kb.domain.permissions import Role, Scope
from kb.errors import Conflict
from kb.models import ApiToken, User, db
from kb.services.accounts import tokens
from kb.services.accounts.authentication import is_usable


def create_first_token() -> str | None:
    """Create a site administrator's token and return its secret; None if an administrator has one.

    Sessions, which end by themselves, do not count, nor do tokens that are revoked, expired, without the
    scope to manage, or belong to a disabled user.
    """
    if _administrator_has_token():
        return None
    for number in count(1):
        try:
            name = "administrator" if number == 1 else f"administrator {number}"
            return tokens.create_team_token(name, Role.SITE_ADMIN).secret
        except Conflict:  # a user has this name
            continue
    raise AssertionError


def _administrator_has_token() -> bool:
    candidates = (
        select(ApiToken)
        .outerjoin(User, ApiToken.user_id == User.id)
        .where(
            ApiToken.revoked_at.is_(None),
            ApiToken.is_session.is_(False),
            or_(ApiToken.role_key == Role.SITE_ADMIN.key, User.site_admin.is_(True)),
        )
    )
    return any(Scope.MANAGE in token.scopes and is_usable(token) for token in db.session.scalars(candidates))
