"""A disk without a byte left: `kb serve` starts and reads what is there; with space again, it writes."""

from __future__ import annotations

import sqlite3
import urllib.error
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.cli import run_kb
from tests.support.incidents import incident
from tests.support.prepared import copy_folder
from tests.support.server import Server, running_server
from tests.support.small_disk import MAY_MOUNT, fill, small_disk
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not MAY_MOUNT, reason="needs to mount a small disk"),
]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", megabytes=16) as disk:
        yield disk


@pytest.fixture
def folder(disk: Path, prepared: Path) -> Path:
    """A data folder on the small disk, as the first start leaves it."""
    return copy_folder(prepared, disk / "data")


def new_token(folder: Path) -> str:
    """A token of an administrator, made while no server runs."""
    return run_kb("token", "create", "--name", "Disk", "--site-admin", data_dir=folder).stdout.strip()


def status_of_write(server: Server, token: str) -> int:
    try:
        server.post("/incidents", incident(title="Zebra", status="published"), token)
    except urllib.error.HTTPError as error:
        return error.code
    return 201


WORK: dict[str, list[str]] = {
    "nothing": [],
    "seeds to load": ["UPDATE namespace SET version = 'older'"],
    "a change to index": [
        "INSERT INTO change SELECT max(seq) + 1, 1, team_id, operation, version, public, at FROM change",
        "UPDATE change_counter SET seq = seq + 1",
    ],
}
"""What a start finds to do, and the statements that make it so."""


@pytest.mark.parametrize("work", WORK)
def test_a_start_on_a_full_disk_reads_and_writes_once_there_is_space(
    disk: Path, folder: Path, work: str
) -> None:
    token = new_token(folder)
    with closing(sqlite3.connect(folder / "kb.sqlite3", isolation_level=None)) as database:
        for statement in WORK[work]:
            database.execute(statement)
    filler = fill(disk)
    with running_server(folder) as server:
        assert server.get("/incidents/1")["id"] == 1
        assert server.get("/search", q="placeholder")["total"] == 1
        assert server.get("/trends")["rows"]
        filler.unlink()
        eventually(lambda: status_of_write(server, token) == 201, lambda: server.errors)
        eventually(lambda: server.get("/search", q="zebra")["total"] == 1, lambda: server.errors)


def test_a_full_disk_refuses_writes_with_507_and_loses_none(disk: Path, folder: Path) -> None:
    with running_server(folder) as server:
        token = server.token()
        filler = fill(disk)
        statuses = [status_of_write(server, token) for _ in range(20)]
        assert statuses[-1] == 507
        assert {*statuses} <= {201, 507}
        assert server.get("/incidents/1")["id"] == 1
        filler.unlink()
        eventually(lambda: status_of_write(server, token) == 201, lambda: server.errors)
        eventually(
            lambda: server.get("/search", q="zebra")["total"] == statuses.count(201) + 1,
            lambda: server.errors,
        )
