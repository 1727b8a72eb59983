"""Clients that do not read their answer are not waited for."""

from __future__ import annotations

import socket
from collections import Counter
from pathlib import Path

import pytest

from kb.server.pacing import limit_stalled_readers
from tests.support.descriptors import open_file, open_files

pytestmark = pytest.mark.skipif(
    not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux limits how long an answer waits to be read"
)


def _limit(each: socket.socket) -> int:
    """In milliseconds; 0 for none."""
    return each.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)


def test_connections_that_a_server_accepts_from_now_on_have_the_limit() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        limit_stalled_readers(12.5)
        with socket.create_connection(server.getsockname()) as client:
            accepted, _ = server.accept()
            with accepted:
                assert (_limit(accepted), _limit(client)) == (12_500, 0)


def test_connections_that_a_process_opens_itself_keep_theirs() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        limit_stalled_readers(5)
        assert (_limit(server), _limit(client)) == (5_000, 0)


def test_no_file_stays_open_that_was_looked_at(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, (tmp_path / "file").open("wb") as file:
        targets = [open_file(each.fileno()) for each in (server, file)]
        limit_stalled_readers(5)
        assert Counter(target for target in open_files() if target in targets) == dict.fromkeys(targets, 1)
