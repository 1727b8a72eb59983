"""A program that writes incidents one after another, and notes each answer.

`python -m ... DATA_DIR [DATABASE_URL FOLDER]`. After each step it appends a line to the file `acknowledged`
of the data folder, or of FOLDER. What the incidents are called after a number of steps, `titles_after` tells.
"""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

from sqlalchemy import Engine, event

from kb.config import Settings
from kb.derived_files import keep_in
from kb.factory import create_app
from kb.models import db
from kb.search.whoosh_engine.store import merging
from kb.services.infrastructure.runtime import embedded_engine
from kb.services.search import sync
from tests.support.api import Api, callers
from tests.support.environment import DERIVED_DATA
from tests.support.waiting import PATIENCE

STEPS = 16
"""How many incidents are filed or renamed."""

ACKNOWLEDGED = "acknowledged"

_CHECKPOINT_PAGES = 60
"""Pages after which SQLite moves its journal into the database: every few steps."""


def titles_after(steps: int) -> set[str]:
    """The titles of the incidents after some steps: every fourth one renames what was filed before it."""
    filed = {number for number in range(steps) if number % 4 != 3}
    renamed = {number for number in filed if number % 4 == 2 and number + 1 < steps}
    return {f"Okapi {number}" for number in renamed} | {f"Zebra {number}" for number in filed - renamed}


def _write(api: Api, folder: Path) -> None:
    last = 0
    with (folder / ACKNOWLEDGED).open("ab", buffering=0) as acknowledged:
        for number in range(STEPS):
            if number % 4 == 3:
                changed = api.patch(f"/incidents/{last}", {"title": f"Okapi {number - 1}"}, If_Match="*")
                assert changed.status_code == 200, changed.text
            else:
                last = api.file(title=f"Zebra {number}", status="published")["id"]
            acknowledged.write(b"%d\n" % number)
            if number % 3 == 2:
                _maintain_index(api, rebuild=number == 8)


def _maintain_index(api: Api, *, rebuild: bool) -> None:
    with api.client.application.app_context():
        if rebuild:
            sync.rebuild(timeout=PATIENCE)
        elif (engine := embedded_engine()) is not None:
            engine.optimize()


if __name__ == "__main__":
    keep_in(DERIVED_DATA)
    merging.MERGE_FACTOR, merging.SMALL_LEVELS = 2, 0  # merges beside the index, of a few documents

    @event.listens_for(Engine, "connect")
    def _checkpoint_often(connection: object, _record: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")

    data_dir, *database = sys.argv[1:]
    database_url, folder = database or ("", data_dir)
    app = create_app(
        Settings(data_dir=Path(data_dir), database_url=database_url, index_wait_seconds=PATIENCE)
    )
    _write(callers(app)("site_admin"), Path(folder))
    with app.app_context():
        db.engine.dispose()
