"""The endpoint for Prometheus, which scrapes metrics at regular intervals."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from kb.api.smorest import Blueprint
from kb.config import API_ROOT
from kb.services.operations.metrics import site_metrics
from kb.web.current_actor import current_actor
from kb.web.metrics import exposition

blueprint = Blueprint("metrics", __name__, url_prefix=API_ROOT, description="Prometheus metrics.")


@blueprint.route("/metrics", methods=["GET"])
@blueprint.response(200, {"type": "string"}, content_type="text/plain")
def get_metrics() -> Any:
    """Get metrics of the service.

    In the text format of Prometheus, or as OpenMetrics if `Accept` prefers it: requests by endpoint and
    status, latencies, the state of the index, and the resources used by all workers.
    """
    body, content_type = exposition(site_metrics(current_actor()), request.headers.get("Accept", ""))
    return Response(body, content_type=content_type)
