"""The HTTP API: each view decorates, calls a service, returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.api import changes, docs, health, incidents, search, taxonomy
from kb.api.problems import register_problems
from kb.api.spec import make_api

if TYPE_CHECKING:
    from flask import Flask

BLUEPRINTS = (search.blueprint, incidents.blueprint, taxonomy.blueprint, changes.blueprint, health.blueprint)
"""In the order in which the documentation shows them."""


def init_app(app: Flask) -> None:
    """Add the API, its documentation and its errors to an application."""
    api = make_api(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    register_problems(app)
    docs.init_app(app, api.spec)
    # Probes and people look at the root first.
    app.add_url_rule("/health/live", "root_live", app.view_functions["health.get_live"])
    app.add_url_rule("/health/ready", "root_ready", app.view_functions["health.get_ready"])
