"""Another program holds the write lock of SQLite."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

from bench.torture.service import ACCOUNT, Finding

if TYPE_CHECKING:
    from bench.torture.service import Trial

_BODY = {"title": "A draft", "summary": "zebra", "category": "tone-deaf", "organization": "Acme"}
_READS = ("/health/live", "/search?q=zebra", "/incidents/1", "/trends?group_by=category", "/taxonomy")


def run(trial: Trial) -> list[Finding]:
    """Reads and sign-ins go on, writes answer 503, and nothing needs a restart."""
    service = trial.service
    if not service.on_sqlite:
        return []
    for path in _READS:  # what the first of a worker reads is another matter
        service.get(path)
    with closing(sqlite3.connect(service.data / "kb.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        times, reads = [], []
        for path in _READS:
            started = time.perf_counter()
            reads.append(service.get(path).status)
            times.append((time.perf_counter() - started) * 1_000)
        started = time.perf_counter()
        signed_in = service.post("/sessions", ACCOUNT).status
        sign_in_time = (time.perf_counter() - started) * 1_000
        refused = service.post("/incidents", _BODY).status
        other.execute("ROLLBACK")
    after = service.post("/incidents", _BODY).status
    failed = sum(status != 200 for status in reads)
    return [
        Finding(
            "9",
            "write lock held: reads",
            f"{failed} of {len(reads)} failed, {max(times):.0f} ms at most",
            not failed,
        ),
        Finding("9", "write lock held: a sign-in", f"{signed_in} in {sign_in_time:.0f} ms", signed_in == 201),
        Finding(
            "9",
            "write lock held, then released: a write",
            f"{refused}, then {after}",
            (refused, after) == (503, 201),
        ),
    ]
