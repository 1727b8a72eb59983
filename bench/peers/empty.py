"""The floor: a Flask endpoint that does nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.peers import flask_app

if TYPE_CHECKING:
    from flask import Flask


def create_app() -> Flask:
    """The application, for a server's worker."""
    return flask_app(lambda _query: {"total": 0, "items": []})
