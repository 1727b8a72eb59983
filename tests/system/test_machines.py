"""Machines on one PostgreSQL are killed under writes, and PostgreSQL is restarted: nothing is lost."""

from __future__ import annotations

import sys

import pytest

from bench.cluster import find_initdb
from bench.torture import hosts
from bench.torture.machines import Plan, run
from tests.support.environment import DERIVED_DATA

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="finds the workers in /proc"),
    pytest.mark.skipif(find_initdb() is None, reason="PostgreSQL is not installed"),
]

PLAN = Plan(
    20_261_129,
    machines=2,
    writes=150,
    documents=20,
    probes=0,
    clients=3,
    kills=2,
    settings={"KB_CACHE_DIR": str(DERIVED_DATA)},
)

EVENTS = (
    "machine 1 lost",
    "machine 2 killed",
    "PostgreSQL restarted: fast",
    "PostgreSQL restarted: immediate",
)
"""What this seed draws. It is one run, since most of its time is spent on starting services."""


def test_machines_killed_under_writes_lose_skip_and_duplicate_nothing() -> None:
    findings = run(PLAN)
    done = " ".join(finding.done for finding in findings)
    for event in EVENTS:
        assert f"1 x {event}" in done
    if hosts.can_simulate():
        assert "a machine lost with" in done
    assert [finding for finding in findings if not finding.kept] == []
