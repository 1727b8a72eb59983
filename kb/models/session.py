"""The session: which one is current, and on which connection it is."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from flask.globals import app_ctx
from flask_sqlalchemy.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

BIND = "kb_bind"
"""The key in `info` of a session for the connection that it uses instead of the database's engine."""

_scope: ContextVar[object] = ContextVar("kb_session_scope", default=None)


class RoutedSession(Session):
    """A session on the database or, while its `info` has one, on the connection under `BIND`."""

    def get_bind(self, *arguments: Any, **options: Any) -> Engine | Connection:
        """What to execute a statement with."""
        chosen: Connection | None = self.info.get(BIND)
        return super().get_bind(*arguments, **options) if chosen is None else chosen


def scope_of_session() -> int:
    """What the current session belongs to: a scope that was entered, else the context of the application."""
    return id(_scope.get() or app_ctx._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001


@contextmanager
def session_scope(scope: object) -> Iterator[None]:
    """Let the session in the block be that of a scope, which outlives contexts of the application.

    Whoever made the scope removes its session in a last block.
    """
    token = _scope.set(scope)
    try:
        yield
    finally:
        _scope.reset(token)
