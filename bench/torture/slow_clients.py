"""Hundreds of clients send or read slowly, or not at all."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from bench.torture.service import Finding

if TYPE_CHECKING:
    from bench.torture.service import Trial

_CLIENTS = 500
_GOAL_MS = 200.0
_PAUSE = 0.01

_JSON = "Host: bench\r\nContent-Type: application/json\r\n"
_REQUESTS = {
    "headers": "GET / HTTP/1.1\r\nHo",
    "bodies": f"POST /api/v1/sessions HTTP/1.1\r\n{_JSON}Content-Length: 900000\r\n\r\n{{",
    "chunked bodies": f"POST /api/v1/checks HTTP/1.1\r\n{_JSON}Transfer-Encoding: chunked\r\n\r\n1\r\n{{\r\n",
    "readers": "GET /openapi.json HTTP/1.1\r\nHost: bench\r\n\r\n",
    "keep-alive": "GET /health/live HTTP/1.1\r\nHost: bench\r\n\r\n",
}


def run(trial: Trial) -> list[Finding]:
    """`/health/live` answers within 200 ms (p99), and searches work."""
    return [_hold(trial, kind, request.encode()) for kind, request in _REQUESTS.items()]


def _hold(trial: Trial, kind: str, request: bytes) -> Finding:
    with ExitStack() as stack:
        for _ in range(_CLIENTS):
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            client.connect(("127.0.0.1", trial.service.port))
            client.sendall(request)
        times, failed = [], 0
        deadline = time.monotonic() + trial.seconds / len(_REQUESTS)
        while time.monotonic() < deadline:
            started = time.perf_counter()
            failed += trial.service.get("/health/live").status != 200
            times.append((time.perf_counter() - started) * 1_000)
            time.sleep(_PAUSE)
        search = trial.service.get("/search?q=zebra").status
    p99 = sorted(times)[len(times) * 99 // 100]
    seen = f"/health/live p99 {p99:.0f} ms, {failed} failed of {len(times)}; search {search}"
    return Finding("15", f"{_CLIENTS} slow {kind}", seen, p99 < _GOAL_MS and not failed and search == 200)
