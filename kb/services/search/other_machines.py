"""Apply changes that other machines write to this machine's index within a second.

Each transaction notifies a PostgreSQL channel (`kb/services/core/unit_of_work.py`). One process of each
machine listens, and also polls twice a second. Behind a proxy such as PgBouncer it only polls: there,
notifications would go to the client that uses the connection next.
"""

from __future__ import annotations

import importlib
import logging
import threading
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout
from sqlalchemy.exc import SQLAlchemyError

from kb.models import db
from kb.models.base import engine_options
from kb.search.engine import IndexBusyError, IndexUnusableError
from kb.services.core.unit_of_work import CHANNEL
from kb.services.infrastructure.runtime import settings
from kb.services.search import sync

if TYPE_CHECKING:
    from flask import Flask

log = logging.getLogger(__name__)

_POLL_SECONDS = 0.5
"""How long to wait for a notification before polling for changes."""

_GRACE_SECONDS = 0.1
"""How long writers on this machine have to index their own changes."""

_RETRY_SECONDS = 1.0
"""How long to wait before trying an unavailable database again."""

_SYNC_TIMEOUT = 60.0


def follow_in_background(app: Flask) -> None:
    """Start following other machines if there may be any, that is, if the database is PostgreSQL.

    Among the processes that share a data folder, one does so at a time; another takes over when it ends.
    """
    with app.app_context():
        if db.engine.dialect.name != "postgresql":
            return
    thread = threading.Thread(
        target=follow, args=(app, threading.Event()), name="follow-other-machines", daemon=True
    )
    thread.start()


def follow(app: Flask, stop: threading.Event) -> None:
    """Keep the index up to date with all writes until `stop` is set."""
    with app.app_context():
        lock = FileLock(settings().data_dir / "follow.lock")
    while not stop.is_set():
        try:
            with lock.acquire(blocking=False):
                _follow(app, stop)
        except Timeout:  # another process follows
            stop.wait(_RETRY_SECONDS)


def _follow(app: Flask, stop: threading.Event) -> None:
    is_away = False
    while not stop.is_set():
        try:
            with app.app_context():
                _listen(stop)
        except (SQLAlchemyError, OSError) as error:
            if not is_away:
                log.warning("Changes of other machines cannot be followed: %s", type(error).__name__)
            is_away = True
            stop.wait(_RETRY_SECONDS)
        else:
            is_away = False


def _listen(stop: threading.Event) -> None:
    """Wait for changes on a dedicated connection, which stays open. Raises OSError if it breaks."""
    dialect = db.engine.dialect
    arguments, options = dialect.create_connect_args(db.engine.url)
    options = {**engine_options(db.engine.url.render_as_string())["connect_args"], **options}
    is_pooled = importlib.import_module("kb.models.postgres_connections").is_pooled
    driver: Any = dialect.loaded_dbapi
    try:
        with driver.connect(*arguments, **options, autocommit=True) as connection:
            if not is_pooled(connection):
                connection.execute(f"LISTEN {CHANNEL}")
            while not stop.is_set():
                for _ in connection.notifies(timeout=_POLL_SECONDS, stop_after=1):
                    stop.wait(_GRACE_SECONDS)
                _catch_up()
    except driver.Error as error:
        raise ConnectionError(str(error)) from error


def _catch_up() -> None:
    try:
        if sync.lag() > 0:
            sync.ensure_current(timeout=_SYNC_TIMEOUT)
    except (IndexBusyError, IndexUnusableError):
        # Another writer holds the index, or a search will trigger a rebuild.
        return
    finally:
        db.session.remove()
