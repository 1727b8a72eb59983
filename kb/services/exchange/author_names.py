"""Names of authors, for export to another installation, whose users have other ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from kb.models import Revision, User, db

if TYPE_CHECKING:
    from collections.abc import Iterable

_USER, NAME = "user:", "name:"


class AuthorNames:
    """Looks up the names of principals, and caches them."""

    def __init__(self) -> None:
        self._known: dict[str, str | None] = {}

    def of_principals(self, principals: Iterable[str]) -> list[str]:
        """The names of some principals, sorted; principals that no longer exist are left out."""
        return sorted({name for principal in principals if (name := self._of(principal)) is not None})

    def _of(self, principal: str) -> str | None:
        if principal.startswith(NAME):
            return principal.removeprefix(NAME)
        if principal not in self._known:
            self._known[principal] = _look_up(principal)
        return self._known[principal]


def _look_up(principal: str) -> str | None:
    """The current name of a user, or the name in the last revision by any other principal."""
    if principal.startswith(_USER):
        user_id = int(principal.removeprefix(_USER))
        name: str | None = db.session.scalar(select(User.name).where(User.id == user_id))
        return name
    written = select(Revision.author).where(Revision.principal == principal)
    return db.session.scalar(written.order_by(Revision.id.desc()).limit(1))
