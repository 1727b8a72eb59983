"""Workers that may open no more files: connections wait, and all is well when others are closed."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.incidents import incident
from tests.support.server import Server, running_server
from tests.support.waiting import eventually

if sys.platform == "linux":
    import resource

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="limits the files of other processes"),
]

SPARE, CLIENTS = 40, 400
"""Files that each worker may still open, and the connections that want one."""


@pytest.fixture
def server(installed: Path) -> Iterator[Server]:
    with running_server(installed) as server:
        yield server


def _open_files(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 (only their number)


def _target(link: Path) -> str:
    try:
        return os.readlink(link)  # noqa: PTH115 (a socket is no path)
    except FileNotFoundError:  # closed in the meantime
        return ""


def _is_listening(pid: int) -> bool:
    sockets = {_target(file) for file in Path(f"/proc/{pid}/fd").iterdir()}
    rows = (line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:])
    return any(row[3] == "0A" and f"socket:[{row[9]}]" in sockets for row in rows)  # columns: state, inode


def test_workers_without_a_file_to_spare_answer_again_when_they_have_some(server: Server) -> None:
    token = server.token()
    workers = server.workers()
    # The first to listen makes the service ready: the other one would still open files of its own.
    eventually(lambda: all(map(_is_listening, workers)), lambda: server.errors)
    limits = {pid: _open_files(pid) + SPARE for pid in workers}
    for pid, limit in limits.items():
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (limit, limit))
    with ExitStack() as stack:
        for _ in range(CLIENTS):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            client.sendall(b"GET /api/v1/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        eventually(lambda: all(_open_files(pid) >= limits[pid] - 1 for pid in workers), lambda: server.errors)
    eventually(lambda: all(_open_files(pid) < limits[pid] for pid in workers), lambda: server.errors)
    assert server.get("/search", q="placeholder")["total"] == 1
    filed = server.post("/incidents", incident(title="Zebra", status="published"), token)
    eventually(lambda: server.get("/search", q="zebra")["total"] == 1, lambda: server.errors)
    assert server.get(f"/incidents/{filed['id']}")["title"] == "Zebra"
    assert server.workers() == workers
