"""The file of the database is exchanged under `kb serve` while clients write: every worker follows."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.backups import copy_beside
from tests.support.cli import run_kb
from tests.support.incidents import incident
from tests.support.server import Server, running_server
from tests.support.steady_writer import SteadyWriter
from tests.support.waiting import eventually

pytestmark = pytest.mark.slow


def _titles(server: Server) -> list[str]:
    """The titles on the first page of the list, from whichever worker answers."""
    return [item["title"] for item in server.get("/incidents", limit="100")["items"]]


def test_every_worker_follows_an_exchange_under_writes(installed: Path) -> None:
    with running_server(installed) as server:
        token = server.token()
        database = installed / "kb.sqlite3"
        server.post("/incidents", incident(title="Okapi before", status="published"), token)
        copy = copy_beside(database)
        server.post("/incidents", incident(title="Giraffe lost", status="published"), token)
        with SteadyWriter(server, token, "Zebra") as zebra:
            zebra.wait_for_more()
            copy.replace(database)
            # Those that were in flight when the file was exchanged went to the old one.
            zebra.wait_for_more(4)
            after = len(zebra.acknowledged)
            zebra.wait_for_more(20)
        assert zebra.statuses <= {201, 409, 503}, server.errors
        for _ in range(20):
            titles = _titles(server)
            assert "Okapi before" in titles
            assert "Giraffe lost" not in titles
            assert {*zebra.acknowledged[after:]} <= {*titles}
        eventually(lambda: server.get("/health/ready")["index"]["lag"] == 0, lambda: server.errors)
        assert server.get("/search", q="giraffe")["total"] == 0
        assert server.get("/search", q="okapi")["total"] == 1
        verified = run_kb("index", "verify", data_dir=installed)
        assert verified.exit_code == 0, verified.output
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
