"""Metrics of several worker processes: each reports the metrics of all, including killed ones."""

from __future__ import annotations

import os
import signal
import sys
import urllib.request
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.server import Server, running_server
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="finds the workers in /proc"),
]


def _searches(server: Server, token: str) -> float:
    address = f"http://127.0.0.1:{server.port}/metrics"
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request) as answer:
        families = text_string_to_metric_families(answer.read().decode())
    return sum(
        sample.value
        for family in families
        for sample in family.samples
        if sample.name == "kb_http_requests_total" and sample.labels["endpoint"] == "search"
    )


def test_any_worker_counts_what_all_have_answered_also_one_that_was_killed(installed: Path) -> None:
    with running_server(installed) as server:
        token = server.token()
        for _ in range(30):
            server.get("/search", q="joke")
        assert {_searches(server, token) for _ in range(10)} == {30}
        victim = server.workers()[0]
        os.kill(victim, signal.SIGKILL)
        eventually(lambda: victim not in server.workers(), lambda: server.errors)
        server.wait_until_ready()
        server.get("/search", q="joke")
        assert {_searches(server, token) for _ in range(10)} == {31}
