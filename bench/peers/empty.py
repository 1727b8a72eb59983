"""The floor: a Flask endpoint that does nothing."""

from __future__ import annotations

from flask import Flask, Response, jsonify


def create_app() -> Flask:
    """The application, for a server's worker."""
    app = Flask("bench")

    @app.get("/search")
    def answer() -> Response:
        return jsonify({"status": "ok"})

    return app
