"""People sign in to `kb serve` while another program holds the write lock of SQLite."""

from __future__ import annotations

import json
import signal
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.support.accounts import PASSWORD
from tests.support.busy_database import locked, spool_of
from tests.support.server import Server, running_server
from tests.support.waiting import PATIENCE, eventually

pytestmark = pytest.mark.slow


def _read(server: Server, path: str, token: str) -> Any:
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}/api/v1{path}", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)


def test_a_session_outlives_the_service_that_was_killed_before_it_was_stored(installed: Path) -> None:
    database, account = installed / "kb.sqlite3", {"email": "dana@example.com", "password": PASSWORD}
    with running_server(installed) as server:
        admin = server.token()
        server.post("/users", {**account, "name": "Dana Levi"}, admin)
        with locked(database):
            session = server.post("/sessions", account, admin)["token"]
            for _ in range(10):  # from whichever worker answers
                assert _read(server, "/me", session)["name"] == "Dana Levi"
            server.stop(signal.SIGKILL)
        assert spool_of(database).exists()
        server.start()
        assert _read(server, "/me", session)["name"] == "Dana Levi"
        eventually(lambda: not spool_of(database).exists(), lambda: server.errors)
        assert len(_read(server, "/audit?event=login", admin)["items"]) == 1
