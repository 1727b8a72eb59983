"""Liveness and readiness probes. They need no token."""

from __future__ import annotations

from typing import Any

from kb.api.openapi import RETRY_AFTER
from kb.api.smorest import Blueprint
from kb.config import API_ROOT
from kb.schemas.health import LiveSchema, ReadySchema
from kb.services.operations.health import readiness
from kb.services.search.sync import repair_in_background

blueprint = Blueprint("health", __name__, url_prefix=API_ROOT, description="Liveness and readiness probes.")


@blueprint.route("/health/live", methods=["GET"])
@blueprint.response(200, LiveSchema)
def get_live() -> Any:
    """Report that the process responds."""
    return {"status": "ok"}


@blueprint.route("/health/ready", methods=["GET"])
@blueprint.response(200, ReadySchema)
@blueprint.alt_response(503, schema=ReadySchema, headers=RETRY_AFTER)
def get_ready() -> Any:
    """Report whether requests can be served.

    Includes the state of the database and of the search index, and how many changes the index lags behind.
    """
    state = readiness()
    if state["index"]["lag"] != 0 and state["database"]["ok"]:
        repair_in_background()
    return state, 200 if state["status"] == "ready" else 503
