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
    20_261_127,
    machines=2,
    writes=150,
    documents=20,
    probes=0,
    clients=3,
    kills=2,
    settings={"KB_CACHE_DIR": str(DERIVED_DATA)},
)


@pytest.mark.parametrize(("how", "loses"), [("fast", True), ("immediate", False)])
def test_machines_killed_under_writes_lose_skip_and_duplicate_nothing(how: str, loses: bool) -> None:
    findings = run(PLAN._replace(restarts=(how,), loses=loses))
    assert any(how in finding.done and "machine 2" in finding.done for finding in findings)
    if loses and hosts.can_simulate():
        assert any("machine lost" in finding.done for finding in findings)
    assert [finding for finding in findings if not finding.kept] == []
