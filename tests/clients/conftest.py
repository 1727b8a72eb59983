"""A running service for generated clients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.support.server import Server, running_server


class Service(NamedTuple):
    """A running service: itself, its address, and the token of its administrator."""

    server: Server
    url: str
    token: str


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """`kb serve` on a data folder of its own that holds the six cases."""
    with running_server(tmp_path_factory.mktemp("service") / "kb-data") as server:
        yield Service(server, f"http://127.0.0.1:{server.port}", server.token())
