"""Ports for servers of tests, each told to one test only."""

from __future__ import annotations

import random
import socket

_PORTS = range(20_000, 32_000)
"""Below those that systems give to connections: none of them takes a port before its server does."""

_claims: list[socket.socket] = []
"""Sockets of another protocol, on the same numbers, that claim ports until this process ends."""


def free_port() -> int:
    """A port that nothing listens on, and that no test of another process is told, too."""
    for port in random.Random().sample(_PORTS, len(_PORTS)):
        claim = socket.socket(type=socket.SOCK_DGRAM)
        try:
            claim.bind(("127.0.0.1", port))
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
            continue
        _claims.append(claim)
        return port
    raise AssertionError("no port is free")
