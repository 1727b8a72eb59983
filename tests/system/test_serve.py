"""`kb serve` with real processes, sockets and signals."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support.api import REPOSITORY
from tests.support.environment import own_environment
from tests.support.incidents import incident
from tests.support.prepared import copy_folder
from tests.support.server import Server, command_line, running_server
from tests.support.waiting import PATIENCE, eventually

pytestmark = pytest.mark.slow


def _blocks_ctrl_c(pid: int) -> bool:
    """Whether a worker has come so far that it leaves the signal to its parent."""
    (blocked,) = re.findall(r"^SigBlk:\s+([0-9a-f]+)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return bool(int(blocked, 16) & 1 << (signal.SIGINT - 1))


class _Service(NamedTuple):
    """A service, and the token of its administrator, which only its first start prints."""

    server: Server
    token: str


class _FirstStart(NamedTuple):
    """A service that has made everything at its first start, with what it said until it was stopped."""

    server: Server
    token: str
    filed: dict[str, Any]
    log: list[str]


@pytest.fixture(scope="module")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_FirstStart]:
    with running_server(tmp_path_factory.mktemp("first") / "data") as server:
        for question in ("placeholder published by mistake", "טיוטה שפורסמה בטעות"):
            first = server.get("/search", q=question)["items"][0]["incident"]
            assert first["organization"] == "McDonald's"
        server.get("/search", q="a secret campaign")
        token = server.token()
        filed = server.post("/incidents", incident(status="published"), token)
        server.stop()
        yield _FirstStart(server, token, filed, server.errors)


@pytest.fixture(scope="module")
def service(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Service]:
    folder = copy_folder(prepared, tmp_path_factory.mktemp("serve") / "data")
    with running_server(folder) as server:
        yield _Service(server, server.token())


@pytest.fixture
def server(service: _Service) -> Server:
    """A running service, which the tests of this module share: each starts it again if one has ended it."""
    server = service.server
    if server.process.poll() is not None:
        server.start()
    return server


@pytest.fixture
def token(service: _Service) -> str:
    return service.token


def test_a_first_start_serves_the_six_cases_and_prints_a_token_once(first_start: _FirstStart) -> None:
    server, filed = first_start.server, first_start.filed
    assert server.data_dir.stat().st_mode & 0o077 == 0
    assert filed["status"] == "published"
    server.start()
    assert server.output == []
    assert server.get(f"/incidents/{filed['id']}")["title"] == filed["title"]
    assert server.get("/search", q="")["total"] == 7


def test_acknowledged_writes_survive_sigkill_and_are_searchable_after_restart(
    server: Server, token: str
) -> None:
    for round_number in range(2):
        word = f"zebra{round_number}"
        filed = server.post("/incidents", incident(title=word, status="published"), token)
        server.stop(signal.SIGKILL)
        server.start()
        (hit,) = server.get("/search", q=word)["items"]
        assert hit["incident"]["id"] == filed["id"]


@pytest.mark.skipif(sys.platform != "linux", reason="finds the workers in /proc")
def test_a_killed_worker_is_replaced_while_the_others_go_on(server: Server, token: str) -> None:
    victim = server.workers()[0]
    os.kill(victim, signal.SIGKILL)
    eventually(
        lambda: victim not in server.workers() and len(server.workers()) >= (os.cpu_count() or 1),
        lambda: server.errors,
    )
    filed = server.post("/incidents", incident(title="okapi", status="published"), token)
    assert server.get("/search", q="okapi")["items"][0]["incident"]["id"] == filed["id"]


_SLOW = {
    "headers": b"GET / HTTP/1.1\r\nHo",
    "bodies": b"POST /api/v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    b"Content-Length: 900000\r\n\r\n{",
    "chunks": b"POST /api/v1/checks HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    "readers": b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n",
    "keep-alive": b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n",
}


def test_slow_clients_of_every_kind_block_nobody(server: Server, token: str) -> None:
    """Five hundred of each: more than the threads of all workers, and all at the same time."""
    with ExitStack() as stack:
        for request in _SLOW.values():
            for _ in range(500):
                client = stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
                client.sendall(request)
        assert server.get("/health/live") == {"status": "ok"}
        assert server.get("/search", q="placeholder")["total"] == 1
        assert server.post("/incidents", incident(), token)["status"] == "draft"


def test_a_late_body_is_refused_with_a_problem(installed: Path) -> None:
    with (
        running_server(installed, KB_BODY_SECONDS="1") as server,
        socket.create_connection(("127.0.0.1", server.port), PATIENCE) as client,
    ):
        client.sendall(_SLOW["bodies"])
        answer = b"".join(iter(lambda: client.recv(65_536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408")
    assert b"content-type: application/problem+json" in head
    assert json.loads(body)["detail"] == "The request took too long to arrive (limit: 1 s). Send it again."


@pytest.mark.skipif(sys.platform != "linux", reason="finds the workers in /proc")
def test_workers_end_with_a_killed_parent_and_the_next_start_takes_over(server: Server) -> None:
    workers = server.workers()
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait(PATIENCE)
    server.start()
    eventually(lambda: not any(map(command_line, workers)), lambda: server.errors)
    server.wait_until_ready()
    assert server.get("/search", q="placeholder")["total"] == 1


@pytest.mark.skipif(sys.platform != "linux", reason="looks at the workers in /proc")
def test_ctrl_c_stops_every_process(server: Server) -> None:
    """A terminal sends the signal to every process in the job, including the workers."""
    eventually(lambda: all(map(_blocks_ctrl_c, server.workers())), lambda: server.errors)
    os.killpg(server.process.pid, signal.SIGINT)
    assert server.wait() == 0
    assert json.loads(server.errors[-1])["event"] == "Stopped."


def test_a_taken_port_is_reported(server: Server, tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "kb", "serve", "--data-dir", str(tmp_path / "x"), "--port", str(server.port)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert "Choose another --port" in result.stderr
    assert not (tmp_path / "x").exists()


def test_an_invalid_setting_aborts_the_start_and_is_named(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "kb", "serve", "--data-dir", str(tmp_path), "--port", "18765"],
        capture_output=True,
        text=True,
        check=False,
        env=own_environment(KB_MAX_BODY_BYTES="many"),
    )
    assert result.returncode == 1
    assert "KB_MAX_BODY_BYTES" in result.stderr


def test_any_wsgi_server_can_serve_app_py(tmp_path: Path) -> None:
    """The first request prepares an empty data folder."""
    code = "from app import app; print(app.test_client().get('/api/v1/search?q=placeholder').json['total'])"
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=REPOSITORY,
        env=own_environment(KB_DATA_DIR=str(tmp_path / "data")),
    )
    assert result.stdout == "1\n"


def test_requests_are_logged_as_json_and_the_rest_of_the_log_says_where(first_start: _FirstStart) -> None:
    entries = [json.loads(line) for line in first_start.log]
    assert {"GET /api/v1/search 200", "POST /api/v1/incidents 201"} < {
        f"{entry['method']} {entry['path']} {entry['status']}" for entry in entries if "method" in entry
    }
    assert entries[0]["event"] == f"Creating a knowledge base: {first_start.server.data_dir}"
    assert "secret" not in "".join(first_start.log)
    assert first_start.token not in "".join(first_start.log)
