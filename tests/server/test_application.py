"""The application behind the server: requests, answers and bodies as WSGI has them, slow clients included."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from kb.web.headers import UNREADABLE
from tests.server.echo import BODY_SECONDS, MAX_BYTES, MAX_LARGE_BYTES
from tests.support.api import REPOSITORY
from tests.support.ports import free_port
from tests.support.waiting import PATIENCE, eventually

_SERVE = """
import sys
from granian import Granian
port = int(sys.argv[1])
Granian("tests.server.echo:create", factory=True, interface="rsgi", websockets=False, port=port).serve()
"""


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    yield from open_port()


@pytest.fixture
def impatient_port() -> Iterator[int]:
    yield from open_port(body_seconds=1.0)


def open_port(body_seconds: float = PATIENCE) -> Iterator[int]:
    """The port of a server that runs meanwhile, and waits that long for bodies."""
    number = free_port()
    environment = {**os.environ, BODY_SECONDS: str(body_seconds)}
    process = subprocess.Popen([sys.executable, "-c", _SERVE, str(number)], cwd=REPOSITORY, env=environment)
    try:
        eventually(lambda: _is_open(number), process.poll)
        yield number
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


def ask(port: int, method: str, path: str, **options: Any) -> tuple[int, dict[str, str], bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        connection.request(method, path, **options)
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()


def _send(port: int, *pieces: bytes) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), PATIENCE)
    for piece in pieces:
        client.sendall(piece)
    return client


def _head(length: int) -> bytes:
    return f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n".encode()


def test_a_request_arrives_as_it_was_sent(port: int) -> None:
    body = "שלום".encode()
    headers = {"X-Note": "a", "Content-Type": "text/plain; charset=utf-8"}
    status, _, answer = ask(port, "POST", "/caf%C3%A9/%D7%A9?q=%2F&q=2", body=body, headers=headers)
    seen = json.loads(answer)
    assert (status, seen["method"], seen["path"], seen["query"]) == (200, "POST", "/café/ש", "q=%2F&q=2")
    assert (seen["body"], seen["address"]) == ("שלום", "127.0.0.1")
    assert seen["headers"]["X-Note"] == "a"
    assert seen["headers"]["Content-Type"] == headers["Content-Type"]


@pytest.mark.skipif(not hasattr(os, "SCHED_BATCH"), reason="no batch policy on this system")
def test_requests_run_in_threads_that_let_others_first(port: int) -> None:
    assert json.loads(ask(port, "GET", "/")[2])["policy"] == os.SCHED_BATCH


def test_repeated_headers_are_joined_and_names_with_underscores_dropped(port: int) -> None:
    request = (
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: 1\r\nX-A: 2\r\nX_B: 3\r\n"
        b"Cookie: a=1\r\nCookie: b=2\r\nConnection: close\r\n\r\n"
    )
    with closing(_send(port, request)) as client:
        answer = b"".join(iter(lambda: client.recv(65_536), b""))
    headers = json.loads(answer.partition(b"\r\n\r\n")[2])["headers"]
    assert (headers["X-A"], headers["Cookie"]) == ("1,2", "a=1;b=2")
    assert not any("B" in name.split("-") for name in headers)


def test_a_header_that_is_not_ascii_arrives_as_unreadable(port: int) -> None:
    """Its key must not be ignored: a POST would then happen as often as it is sent."""
    head = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    with closing(_send(port, f"{head}Idempotency-Key: מפתח\r\nX-A: 1\r\n\r\n".encode())) as client:
        answer = b"".join(iter(lambda: client.recv(65_536), b""))
    headers = json.loads(answer.partition(b"\r\n\r\n")[2])["headers"]
    assert (headers["Idempotency-Key"], headers["X-A"]) == (UNREADABLE, "1")


def test_a_body_in_chunks_is_read_to_its_end(port: int) -> None:
    status, _, answer = ask(port, "POST", "/", body=iter([b"one ", b"two"]), encode_chunked=True)
    assert (status, json.loads(answer)["body"]) == (200, "one two")


@pytest.mark.parametrize("in_chunks", [False, True])
def test_a_body_that_is_too_long_is_refused(port: int, in_chunks: bool) -> None:
    body = b"x" * (MAX_BYTES + 1)
    status, _, _ = ask(port, "POST", "/", body=iter([body]) if in_chunks else body, encode_chunked=in_chunks)
    assert status == 413


def test_a_large_body_is_read_where_the_application_asks_for_it(port: int) -> None:
    body = b"x" * (MAX_BYTES + 1)
    status, _, answer = ask(port, "POST", "/large", body=body)
    assert (status, len(json.loads(answer)["body"])) == (200, len(body))
    assert ask(port, "POST", "/", body=body)[0] == 413
    assert ask(port, "POST", "/large", body=b"x" * (MAX_LARGE_BYTES + 1))[0] == 413


def test_answers_without_a_length_are_streamed_and_empty_ones_are_empty(port: int) -> None:
    status, headers, body = ask(port, "GET", "/stream")
    assert (status, headers["transfer-encoding"], body) == (200, "chunked", b"0\n1\n2\n")
    status, headers, body = ask(port, "GET", "/empty")
    assert (status, body) == (204, b"")
    status, headers, body = ask(port, "HEAD", "/")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 0


def test_empty_pieces_of_a_stream_do_not_end_it(port: int) -> None:
    assert ask(port, "GET", "/pauses")[2] == b"0\n1\n"


def test_a_stream_that_waits_in_empty_pieces_ends_when_its_client_leaves(port: int) -> None:
    request = b"GET /awaited HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with closing(_send(port, request)) as client, client.makefile("rb") as answer:
        assert b"begun\n" in answer  # a client that leaves before would end the stream at its first piece
    eventually(lambda: json.loads(ask(port, "GET", "/counts")[2])["ended"] == 1)


def test_a_body_that_is_late_is_refused_while_its_client_still_sends(impatient_port: int) -> None:
    """Whether the connection is closed is up to hyper, which sometimes waits for the rest of the body."""
    with closing(_send(impatient_port, _head(100), b"x")) as client:
        answer = http.client.HTTPResponse(client)
        answer.begin()
        assert answer.status == 408


def test_bodies_that_never_come_hold_no_thread(port: int) -> None:
    """There are more of them than threads."""
    with ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(closing(_send(port, _head(100), b"x")))
        assert ask(port, "GET", "/")[0] == 200


def test_a_connection_goes_on_after_a_body(port: int) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        for text in ("one", "two"):
            connection.request("POST", "/", body=text)
            assert json.loads(connection.getresponse().read())["body"] == text
