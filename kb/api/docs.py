"""The OpenAPI document, and a page rendered from it that needs no script and no network."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import orjson
import yaml
from flask import Blueprint, Response, redirect, render_template, request
from markupsafe import Markup, escape

from kb.api.docs_page import page_of
from kb.config import API_ROOT

if TYPE_CHECKING:
    from apispec import APISpec
    from flask import Flask

_PAGE_POLICY = "default-src 'none'; style-src 'self'; frame-ancestors 'none'"

_ADDRESS = "https://kb.example/"
"""Stands in the page for the address at which it is read: all else is the same for all readers."""


def init_app(app: Flask, spec: APISpec) -> None:
    """Serve `/docs` and `/openapi.yaml`, at the root of the site and under the API's root."""
    blueprint = Blueprint(
        "docs", __name__, template_folder="templates", static_folder="static", static_url_path="/docs/static"
    )

    blueprint.add_app_template_filter(_code_spans, "code_spans")
    blueprint.add_app_template_filter(_breakable, "breakable")

    @cache
    def document() -> dict[str, Any]:
        content: dict[str, Any] = spec.to_dict()
        return content

    @lru_cache(maxsize=4)
    def page(prefix: str) -> str:  # noqa: ARG001 (links depend on it)
        content = document()
        return render_template("docs.html", api=content, page=page_of(content), resolve=_resolve(content))

    @cache
    def document_text() -> str:
        return yaml.dump(document(), allow_unicode=True)

    @cache
    def document_json() -> bytes:
        return orjson.dumps(document(), option=orjson.OPT_SORT_KEYS)

    @blueprint.get("/openapi.yaml")
    @blueprint.get(f"{API_ROOT}/openapi.yaml")
    def openapi_yaml() -> Response:
        return Response(document_text(), mimetype="application/yaml")

    @blueprint.get("/openapi.json")
    @blueprint.get(f"{API_ROOT}/openapi.json")
    def openapi_json() -> Response:
        return Response(document_json(), mimetype="application/json")

    @blueprint.get("/docs")
    @blueprint.get(f"{API_ROOT}/docs")
    def docs_page() -> Response:
        response = Response(page(request.script_root).replace(_ADDRESS, escape(request.url_root)))
        response.headers["Content-Security-Policy"] = _PAGE_POLICY
        return response

    @blueprint.get(API_ROOT)
    def root() -> Any:
        return redirect("/docs")

    app.register_blueprint(blueprint)


def _code_spans(text: str) -> Markup:
    """Escape a text for HTML, and turn `backticks` into code elements."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 (escaped before)


def _breakable(path: str) -> Markup:
    """Escape a path for HTML, and let it break before each slash."""
    return Markup("<wbr>/").join(path.split("/"))


def _resolve(document: dict[str, Any]) -> Any:
    """Return a function that follows a node's `$ref` within the document, to (component name, node)."""

    def resolve(node: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        reference = node.get("$ref")
        if reference is None:
            return "", node
        target: Any = document
        path = reference.removeprefix("#/").split("/")
        for key in path:
            target = target[key]
        return path[-1], target

    return resolve
