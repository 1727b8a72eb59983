"""The baseline: a Flask endpoint that does nothing."""

from __future__ import annotations

from flask import Flask, Response, jsonify


def create_app() -> Flask:
    """Create the application; the factory that the server's workers call."""
    app = Flask("bench")

    @app.get("/search")
    def search_endpoint() -> Response:
        return jsonify({"status": "ok"})

    return app
