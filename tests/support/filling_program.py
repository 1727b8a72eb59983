"""A program whose disk is full at one step after another of what it does: `python -m ... DATA_DIR`.

It prints a JSON object for each attempt: what was done, after how many writes there was no room for more,
and what came of it; and what readers got meanwhile.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kb.config import Settings
from kb.derived_files import keep_in
from kb.errors import StorageFull
from kb.factory import create_app
from kb.models import db
from kb.search.whoosh_engine.store import merging
from kb.services.accounts.teams import MAIN_TEAM
from kb.services.exchange.imports import importing
from kb.services.infrastructure.runtime import embedded_engine
from kb.services.search import sync
from kb.services.search.verification import verify
from tests.support.api import Api, callers
from tests.support.environment import DERIVED_DATA
from tests.support.faults import FaultControl
from tests.support.imports import check_lines
from tests.support.incidents import incident
from tests.support.waiting import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

_STRIDE = 9
"""How many writes further each attempt may come."""


class FillingDisk:
    """An application on a disk that is full after some writes."""

    def __init__(self, data_dir: Path) -> None:
        self._app = create_app(Settings(data_dir=data_dir, index_wait_seconds=PATIENCE))
        self._api = callers(self._app)("site_admin")
        self._control = FaultControl(Path(os.environ["KB_FAULTS_CONTROL"]))

    def attempt(self, name: str, step: Callable[[Api], object]) -> None:
        """Repeat a step with room for more and more writes, until there is room for all of them."""
        room, enough = 0, False
        while not enough:
            with self._app.app_context():
                self._control.fill_disk(room)
                outcome = step(self._api)
                enough = self._control.writes_left() > 0
                self._control.fill_disk()
                read = self._api.get("/incidents/1").status_code
                searched = self._api.get("/search", q="placeholder").status_code
                self._control.free_disk()
                sync.ensure_current(timeout=PATIENCE)
                equal = verify(timeout=PATIENCE).equal
                db.session.remove()
            filed, imported = (
                self._api.get("/search", q=word).get_json()["total"] for word in ("zebra", "okapi")
            )
            print(  # noqa: T201
                json.dumps(
                    {
                        "step": name,
                        "room": room,
                        "outcome": outcome,
                        "read": read,
                        "searched": searched,
                        "equal": equal,
                        "filed": filed,
                        "imported": imported,
                    }
                )
            )
            room += _STRIDE


def _file(api: Api) -> int:
    return api.post("/incidents", incident(title="Zebra", status="published")).status_code


def _edit(api: Api) -> int:
    return api.patch("/incidents/1", {"severity_evidence": os.urandom(8).hex()}, If_Match="*").status_code


def _import(_: Api) -> str:
    lines = (json.dumps(incident(title="Okapi", status="published")).encode() for _ in range(3))
    checked = check_lines(lines, MAIN_TEAM)
    try:
        importing.write_lines(checked.lines, MAIN_TEAM, lambda *_: None)
    except StorageFull:
        return "disk full"
    return "done"


def _rebuild(_: Api) -> str:
    try:
        sync.rebuild(timeout=PATIENCE)
    except OSError as error:
        return error.strerror or ""
    return "done"


def _merge(_: Api) -> str:
    engine = embedded_engine()
    assert engine is not None
    engine.optimize()
    return "done"


if __name__ == "__main__":
    keep_in(DERIVED_DATA)
    logging.disable()
    merging.MERGE_FACTOR = 2
    disk = FillingDisk(Path(sys.argv[1]))
    disk.attempt("file", _file)
    disk.attempt("edit", _edit)
    disk.attempt("import", _import)
    disk.attempt("rebuild", _rebuild)
    merging.SMALL_LEVELS = 0
    disk.attempt("merge", _merge)
