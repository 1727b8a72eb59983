"""The log of `kb serve`: one JSON object a line whatever happens, and nothing that clients keep secret."""

from __future__ import annotations

import json
import socket
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from tests.support import postgres
from tests.support.incidents import incident
from tests.support.server import Server, running_server
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.slow

TOKEN = b"kb_SECRET0123456789012345678901"

HOSTILE_PATHS = (
    b"/api/v1/taxonomy/x%0aFAKE",
    b"/api/v1/taxonomy/x%0d%0a%7b%22event%22%3a%22FAKE%22%7d",
    b"/api/v1/x%1b%5b31mFAKE",
    "/api/v1/\u202eFAKE".encode(),
    b"/api/v1/%e2%80%aeFAKE",
    b"/api/v1/search?q=SECRET&token=" + TOKEN,
    b"/api/v1/%22SECRET;password=SECRET",
    b"/en/search?q=SECRET",
    b"/" + TOKEN,
    b"/%",
    b"/\xff",
    b"/a\x00FAKE",
)

MALFORMED = (
    b"SECRET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"GET SECRET\r\n\r\n",
    b"GET / HTTP/9.9\r\nX: SECRET\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01SECRET",
    b"GET / HTTP/1.1\r\nHost: SECRET\x01\r\n\r\n",
    b"POST /api/v1/checks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzzSECRET\r\n",
)


def send(server: Server, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        connection.sendall(request)
        return connection.recv(2_000)


def get(server: Server, path: bytes) -> bytes:
    """Ask for a path with every header that may carry a secret."""
    headers = (
        b"Host: x",
        b"Connection: close",
        b"Authorization: Bearer " + TOKEN,
        b"Cookie: kb_session=" + TOKEN,
        b"Referer: http://x/?SECRET",
        b"User-Agent: SECRET",
        b"X-Request-Id: " + TOKEN,
    )
    return send(server, b"\r\n".join((b"GET " + path + b" HTTP/1.1", *headers, b"", b"")))


def events(server: Server) -> Iterator[dict[str, Any]]:
    """What a server that has ended has logged. Raises ValueError for a line that is no JSON."""
    for line in server.errors:
        assert line.isascii()
        assert line.rstrip("\n").isprintable()
        yield json.loads(line)


def test_hostile_requests_add_no_lines_and_their_secrets_stay_out(installed: Path) -> None:
    with running_server(installed) as server:
        for path in HOSTILE_PATHS:
            assert get(server, path).startswith(b"HTTP/1.1 4"), path
        for request in MALFORMED:
            assert send(server, request).startswith(b"HTTP/1.1 4"), request
        body = json.dumps({"email": "SECRET@example.com", "password": "SECRET-SECRET"}).encode()
        send(
            server,
            b"POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Connection: close\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body,
        )
        server.stop()
        lines = [*events(server)]
    text = json.dumps(lines)
    assert "SECRET" not in text
    assert "FAKE" not in text
    assert not any(line["level"] in ("error", "critical") for line in lines), text


@pytest.mark.skipif(postgres.find_initdb() is None, reason="PostgreSQL is not installed")
def test_a_refused_request_is_one_line_while_the_database_is_away(tmp_path: Path) -> None:
    initdb = postgres.find_initdb()
    assert initdb is not None
    with ExitStack() as stack, ExitStack() as database:
        url = postgres.create_database(database.enter_context(postgres.running_server(initdb)), "kb")
        server = stack.enter_context(running_server(tmp_path / "data", KB_DATABASE_URL=url))
        database.close()
        before = len(server.errors)
        paths = [b"/api/v1/incidents/1", b"/api/v1/search?q=SECRET", b"/api/v1/trends", b"/incidents/2"]
        answers = [get(server, path) for path in paths * 25]
        server.stop()
        lines = [*events(server)][before:]
    assert {answer[:12] for answer in answers} == {b"HTTP/1.1 503"}
    requests = [line for line in lines if line["event"] == "request"]
    assert len(requests) >= len(answers)
    assert all("OperationalError" in line["error"] for line in requests if line["status"] == 503)
    tracebacks = Counter(line["event"] for line in lines if "\n" in line.get("exception", ""))
    assert tracebacks.total() <= 10, tracebacks
    size = sum(len(line) for line in server.errors[before:])
    assert size < 1_000 * len(requests), size


def test_a_write_that_waits_in_vain_for_the_database_is_one_line(installed: Path) -> None:
    with running_server(installed) as server:
        token = server.token()
        body = json.dumps(incident(title="SECRET")).encode()
        request = (
            b"POST /api/v1/incidents HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Connection: close\r\nAuthorization: Bearer " + token.encode() + b"\r\n"
            b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
        )
        with closing(sqlite3.connect(server.data_dir / "kb.sqlite3", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert send(server, request).startswith(b"HTTP/1.1 503")
        server.stop()
        (line,) = [line for line in events(server) if line.get("status") == 503]
        assert "database is locked" in line["error"]
        assert "SECRET" not in "".join(server.errors)
        assert token not in "".join(server.errors)
