"""The application with the corpus imported, in this process."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from bench import corpus
from bench.report import log
from kb.config import Settings
from kb.factory import create_app
from kb.models import Incident, db
from kb.services.accounts.teams import MAIN_TEAM
from kb.services.accounts.tokens import create_team_token
from kb.services.exchange.entries import read_entries
from kb.services.exchange.imports import importing
from kb.services.operations import bootstrap
from kb.services.search import sync

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

    from kb.domain.permissions import Role


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


def prepare(folder: Path, documents: int, role: Role) -> str:
    """Import the corpus unless the folder has it, and return the token of somebody with a role."""
    with make_app(folder, documents).app_context():
        token = create_team_token(f"bench {time.time_ns()}", role).secret
        db.session.remove()
        db.engine.dispose()
    return token
