"""Figures of a replica: whether it is read, how far it is behind, and its connections."""

from __future__ import annotations

import pytest

from kb.models.base import POOL_SIZE, REPLICA_POOL_SIZE
from tests.support.api import Api
from tests.support.exports import exported
from tests.support.metrics import dashboard_metrics, read_metrics
from tests.support.postgres import Cluster
from tests.support.replica import be_impatient, replay
from tests.support.waiting import eventually


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.web.metrics._REFRESH_SECONDS", 0.0)


def test_reads_of_the_replica_and_of_the_database_instead_are_counted(
    admin: Api, standby: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin.file(title="Zebra", status="published")
    before = _replica_metrics(admin)
    exported(admin)
    eventually(lambda: _replica_metrics(admin)["kb_replica_lag_bytes[]"] == 0)
    read = _replica_metrics(admin)
    assert read["kb_replica_reads_total[]"] > before["kb_replica_reads_total[]"]
    assert read["kb_replica_usable[]"] == 1
    be_impatient(monkeypatch)
    replay(standby, "pause")
    admin.file(title="Okapi", status="published")
    exported(admin)
    behind = _replica_metrics(admin)
    assert behind["kb_replica_lag_bytes[]"] > 0
    assert behind["kb_replica_lag_seconds[]"] > 0
    assert behind[_fallbacks("behind")] - read[_fallbacks("behind")] == 1
    assert behind["kb_replica_reads_total[]"] == read["kb_replica_reads_total[]"]
    standby.stop()
    exported(admin)
    gone = _replica_metrics(admin)
    assert gone["kb_replica_usable[]"] == 0
    assert gone[_fallbacks("unreachable")] - behind[_fallbacks("unreachable")] == 1


def test_every_metric_of_the_dashboard_exists(admin: Api) -> None:
    admin.file(title="Zebra", status="published")
    exported(admin)
    names = {name.partition("[")[0] for name in _replica_metrics(admin)}
    assert {name for name in dashboard_metrics() if name.startswith("kb_replica")} == names


def test_connections_are_told_of_both_databases(admin: Api) -> None:
    exported(admin)
    admin.get("/health/ready")
    name, found = "kb_worker_database_connections_max", read_metrics(admin)
    assert found[f"{name}[('database', 'primary')]"] == POOL_SIZE
    assert found[f"{name}[('database', 'replica')]"] == REPLICA_POOL_SIZE


def _replica_metrics(api: Api) -> dict[str, float]:
    """The metrics of the replica, stored by an earlier request."""
    api.get("/health/ready")
    return {name: value for name, value in read_metrics(api).items() if name.startswith("kb_replica")}


def _fallbacks(reason: str) -> str:
    return f"kb_replica_fallbacks_total[('reason', '{reason}')]"
