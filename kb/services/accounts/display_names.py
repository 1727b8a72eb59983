"""Names of users, teams and tokens: printable, and not to be mistaken for one another."""

from __future__ import annotations

import re
import unicodedata

from sqlalchemy import select

from kb.domain.text import forbidden_character, is_blank, name_key
from kb.errors import Conflict, FieldError, InvalidInput
from kb.messages import Message
from kb.models import ApiToken, User, db
from kb.services.core.system_actors import RESERVED_NAMES
from kb.services.infrastructure.locks import advisory_lock

_JOINERS = "\u200c\u200d"
"""The only invisible characters that some scripts need in names; any other could disguise a name."""

_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)
"""Invisible characters that Unicode classifies as letters or marks, and the blank Braille cell."""


def require_name(name: str) -> None:
    """Raise InvalidInput unless a name has 1 to 200 printable characters."""
    hidden = _INVISIBLE.search(name) or any(
        unicodedata.category(c) in ("Cf", "Cc", "Zl", "Zp") and c not in _JOINERS for c in name
    )
    if is_blank(name) or len(name) > 200 or forbidden_character(name) or hidden:
        detail = Message("Give it a name of 1 to 200 printable characters.")
        raise InvalidInput([FieldError("/name", detail)], detail)


def require_available_name(name: str, *, user_id: int | None = None) -> None:
    """Raise InvalidInput or Conflict unless a name is well formed, not reserved, and not another user's.

    With `user_id` (0 for a new user), no token of a team may have the name either.
    """
    require_name(name)
    if name_key(name) in RESERVED_NAMES:
        detail = Message("The name {name!r} is reserved. Choose another.", name=name)
        raise InvalidInput([FieldError("/name", detail)], detail)
    # Of two concurrent requests for the same name, the second waits and gets the Conflict.
    advisory_lock("display-name", name_key(name))
    holder = db.session.scalar(select(User.id).where(User.name_key == name_key(name)))
    taken = holder is not None and holder != user_id
    if user_id is not None and not taken:
        names = select(ApiToken.name).where(ApiToken.team_id.is_not(None), ApiToken.revoked_at.is_(None))
        taken = name_key(name) in {name_key(other) for other in db.session.scalars(names)}
    if taken:
        detail = Message("The name {name!r} is taken. Choose another.", name=name)
        raise Conflict(detail, [FieldError("/name", detail)])
