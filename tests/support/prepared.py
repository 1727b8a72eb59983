"""Data folders and databases as the first start leaves them, for tests to copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.factory import create_app
from kb.models import db
from kb.services.operations import bootstrap

if TYPE_CHECKING:
    from kb.config import Settings


def prepare(settings: Settings) -> None:
    """Fill a data folder and a database as the first start does, and leave no connection to them."""
    with create_app(settings).app_context():
        bootstrap.prepare()
        db.session.remove()
        db.engine.dispose()
