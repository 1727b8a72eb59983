"""The HTTP API. Each view is a decorated function that calls one service and returns its result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request
from flask_cors import CORS

from kb.api import (
    accounts,
    actions,
    calendar,
    changes,
    check_batch,
    collections,
    docs,
    export,
    guard_offers,
    guards,
    health,
    history,
    imports,
    incidents,
    metrics,
    organizations,
    postmortem_templates,
    proposals,
    review,
    search,
    taxonomy,
    teams,
    trends,
)
from kb.api.smorest import make_api
from kb.config import API_ROOT
from kb.domain.text import compose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Flask, Response

BLUEPRINTS = (
    search.blueprint,
    check_batch.blueprint,
    guards.blueprint,
    guard_offers.blueprint,
    incidents.blueprint,
    export.blueprint,
    imports.blueprint,
    review.blueprint,
    proposals.blueprint,
    history.blueprint,
    actions.blueprint,
    postmortem_templates.blueprint,
    collections.blueprint,
    trends.blueprint,
    calendar.blueprint,
    taxonomy.blueprint,
    organizations.blueprint,
    changes.blueprint,
    teams.blueprint,
    accounts.blueprint,
    health.blueprint,
    metrics.blueprint,
)
"""The blueprints, in the order of the documentation."""


def _vary_by_origin(response: Response) -> Response:
    """Keep caches from reusing a response for another origin."""
    if request.path.startswith(f"{API_ROOT}/"):
        response.vary.add("Origin")
    return response


def init_app(app: Flask, dashboard_origins: Sequence[str] = ()) -> None:
    """Register the API and its documentation on an application.

    Scripts of `dashboard_origins` may read it across origins (CORS).
    """
    api = make_api(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)

    @app.url_value_preprocessor
    def compose_path(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        """Normalize keys in paths to NFC, so that they are also found in NFD."""
        if values is not None:
            values.update(compose(values))

    docs.init_app(app, api.spec)
    if dashboard_origins:
        CORS(
            app,
            resources={f"{API_ROOT}/.*": {"origins": list(dashboard_origins)}},
            methods=["GET", "HEAD"],
            allow_headers=["Accept-Language", "Authorization", "If-None-Match"],
            expose_headers=["ETag", "Index-Status", "Link", "Retry-After", "Undated-Incidents"],
            max_age=3600,
        )
        app.after_request(_vary_by_origin)
    # Probes and people try the root first.
    app.add_url_rule("/health/live", "root_live", app.view_functions["health.get_live"])
    app.add_url_rule("/health/ready", "root_ready", app.view_functions["health.get_ready"])
    app.add_url_rule("/metrics", "root_metrics", app.view_functions["metrics.get_metrics"])
