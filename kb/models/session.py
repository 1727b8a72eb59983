"""The database session: its scope, and the connection that it uses."""

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
"""The key in a session's `info` for a connection to use instead of the database's engine."""

_scope: ContextVar[object] = ContextVar("kb_session_scope", default=None)


class RoutedSession(Session):
    """A session that uses the connection under `BIND` in its `info`, if any, else the database's engine."""

    def get_bind(self, *arguments: Any, **options: Any) -> Engine | Connection:
        """The engine or connection to execute a statement with."""
        chosen: Connection | None = self.info.get(BIND)
        return super().get_bind(*arguments, **options) if chosen is None else chosen


def scope_of_session() -> int:
    """The key of the current session: the scope that was entered, else the application context."""
    return id(_scope.get() or app_ctx._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001


@contextmanager
def session_scope(scope: object) -> Iterator[None]:
    """Use the session of a scope within the block. The session outlives application contexts.

    The creator of the scope must remove its session in a final block.
    """
    token = _scope.set(scope)
    try:
        yield
    finally:
        _scope.reset(token)
