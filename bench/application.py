"""The application with the corpus imported, in this process."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from bench import corpus
from bench.report import log
from kb.config import Settings
from kb.factory import create_app
from kb.models import Incident, db
from kb.services.accounts.teams import MAIN_TEAM
from kb.services.exchange.entries import read_entries
from kb.services.exchange.imports import importing
from kb.services.operations import bootstrap
from kb.services.search import sync

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask


def make_app(folder: Path, documents: int, database_url: str = "") -> Flask:
    """Create the application, and import the corpus unless the database already has that many incidents."""
    app = create_app(Settings(data_dir=folder, database_url=database_url))
    with app.app_context():
        bootstrap.prepare()
        if (db.session.scalar(select(func.count(Incident.id))) or 0) < documents:
            log(f"Importing {documents:,} incidents")
            lines = (json.dumps(incident).encode() for incident in corpus.incidents(documents))
            checked = importing.check_entries(read_entries(lines), MAIN_TEAM)
            assert not checked.errors
            importing.write_lines(checked.lines, MAIN_TEAM, lambda *_: None)
            sync.ensure_current(timeout=600)
    return app
