"""Metrics as Prometheus reads them, and the metrics that the dashboard shows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client.parser import text_string_to_metric_families

if TYPE_CHECKING:
    from tests.support.api import Api

_DASHBOARD = Path(__file__).parents[2] / "docs/grafana-operations.json"


def read_metrics(api: Api) -> dict[str, float]:
    """The values of the metrics by name and labels: `kb_http_requests_total[('endpoint', 'search'), ...]`."""
    text = api.get("/metrics").get_data(as_text=True)
    return {
        f"{sample.name}{sorted(sample.labels.items())}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def dashboard_metrics() -> set[str]:
    """The names of the metrics in the dashboard for operators."""
    panels = json.loads(_DASHBOARD.read_text("utf-8"))["panels"]
    expressions = [target["expr"] for panel in panels for target in panel["targets"]]
    return {name for expression in expressions for name in re.findall(r"kb_\w+", expression)}
