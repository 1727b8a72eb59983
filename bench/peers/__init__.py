"""The applications that this service is compared with, one module each, and their shared code."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, jsonify, request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Response

    Search = Callable[[str], dict[str, Any]]

FOLDER = "BENCH_FOLDER"
"""The environment variable with the folder of an application's index."""

WEIGHTS = {
    "title": 3.0,
    "organization": 2.5,
    "summary": 2.0,
    "tags": 2.0,
    "lessons": 1.5,
    "cause": 1.0,
    "outcome": 1.0,
    "why_failure": 1.0,
    "alternative": 1.0,
}
"""The fields that every peer indexes, and their weights: the same as in this service."""

SNIPPET_FIELDS = ("summary", "cause", "outcome", "why_failure", "alternative", "lessons")
"""The fields that a snippet may come from, in order of preference."""


def texts(incident: Mapping[str, Any]) -> dict[str, str]:
    """The indexed fields of an incident, each as one string."""
    lessons = " ".join(lesson["text"] for lesson in incident.get("lessons", ()))
    joined = {"lessons": lessons, "tags": " ".join(incident.get("tags", ()))}
    return {field: joined.get(field) or incident.get(field) or "" for field in WEIGHTS}


def words(query: str) -> list[str]:
    """The words of a query, lowercased so that none is parsed as an operator."""
    return re.findall(r"\w+", query.lower())


def folder() -> Path:
    """The folder of the index of the application being served."""
    return Path(os.environ[FOLDER])


def flask_app(search: Search) -> Flask:
    """An application that responds to GET /search?q= with the JSON of what `search` returns."""
    app = Flask("bench")

    @app.get("/search")
    def search_endpoint() -> Response:
        return jsonify(search(request.args.get("q", "")))

    return app
