"""Prometheus metrics."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from kb.domain.permissions import Scope
from kb.models import db
from kb.models.base import POOL_SIZE
from tests.support.api import Api
from tests.support.metrics import dashboard_metrics, read_metrics


@pytest.fixture
def monitor(person: Callable[..., Api]) -> Api:
    """The API with a site administrator's token that may only read."""
    admin = person("Ada Admin", site_admin=True)
    secret = admin.post("/tokens", {"name": "prometheus", "scopes": [Scope.READ]}).get_json()["secret"]
    return Api(admin.client, admin.contract, secret)


def _requests(endpoint: str, status: int) -> str:
    labels = {"endpoint": endpoint, "method": "GET", "status": str(status)}
    return f"kb_http_requests_total{sorted(labels.items())}"


def test_requests_are_counted_by_view_and_status(monitor: Api) -> None:
    before = read_metrics(monitor)
    monitor.get("/search", q="joke")
    monitor.get("/incidents/999999")
    monitor.client.get("/nothing/at-all?q=secret")
    after = read_metrics(monitor)
    for endpoint, status in (("search", 200), ("get_incident", 404), ("none", 404)):
        name = _requests(endpoint, status)
        assert after[name] - before.get(name, 0) == 1
    count = "kb_http_request_seconds_count[('endpoint', 'search')]"
    assert after[count] - before.get(count, 0) == 1


def test_nothing_that_somebody_sent_is_among_the_metrics(monitor: Api) -> None:
    monitor.client.get("/nothing/canary4711?q=canary4711", headers={"X-Canary": "canary4711"})
    monitor.client.open("/api/v1/search", method="CANARY4711")
    text = monitor.get("/metrics").get_data(as_text=True)
    assert "canary4711" not in text.lower()


def test_the_state_of_the_index_is_told(monitor: Api, contributor: Api) -> None:
    before = read_metrics(monitor)
    contributor.file()
    after = read_metrics(monitor)
    assert after["kb_index_documents[]"] - before["kb_index_documents[]"] == 1
    assert after["kb_change_seq[]"] > before["kb_change_seq[]"]
    assert (after["kb_index_lag[]"], after["kb_index_usable[]"]) == (0, 1)
    assert after["kb_index_bytes[]"] > 0


def test_connections_are_told_by_database_and_state(
    app: Flask, monitor: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.web.metrics._REFRESH_SECONDS", 0.0)
    with app.app_context(), db.engine.connect():
        monitor.get("/metrics")
    found = read_metrics(monitor)
    name = "kb_worker_database_connections"
    in_use, idle = (f"{name}[('database', 'primary'), ('state', '{state}')]" for state in ("in_use", "idle"))
    assert found[in_use] >= 1
    most = found[f"{name}_max[('database', 'primary')]"]
    assert (most, found[in_use] + found[idle] <= most) == (POOL_SIZE, True)


def test_metrics_are_for_site_administrators_alone(anonymous: Api, person: Callable[..., Api]) -> None:
    assert anonymous.get("/metrics").status_code == 401
    assert person("Dana", north="admin").get("/metrics").status_code == 403


def test_prometheus_finds_them_at_the_root_and_may_ask_for_openmetrics(monitor: Api) -> None:
    headers = {"Authorization": f"Bearer {monitor.token}", "Accept": "application/openmetrics-text"}
    response = monitor.client.get("/metrics", headers=headers)
    assert response.mimetype == "application/openmetrics-text"
    assert response.get_data(as_text=True).endswith("# EOF\n")


def test_every_metric_of_the_dashboard_exists(monitor: Api) -> None:
    """Those of a replica where there is one: tests/system/replica/."""
    text = monitor.get("/metrics").get_data(as_text=True)
    names = {name for name in dashboard_metrics() if not name.startswith("kb_replica")}
    assert len(names) >= 6
    assert {name for name in names if f"\n{name}" not in text} == set()
