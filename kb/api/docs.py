"""The OpenAPI document, and a page rendered from it, which needs neither scripts nor network access."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
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
"""The placeholder in the page for the URL of the site: everything else is the same for all readers."""


class _Documentation:
    """The OpenAPI document in each format, generated on first request."""

    def __init__(self, spec: APISpec) -> None:
        self._spec = spec
        self.page = lru_cache(maxsize=4)(self._render_page)

    @cached_property
    def _content(self) -> dict[str, Any]:
        content: dict[str, Any] = self._spec.to_dict()
        return content

    @cached_property
    def yaml(self) -> str:
        return yaml.dump(self._content, allow_unicode=True)

    @cached_property
    def json(self) -> bytes:
        return orjson.dumps(self._content, option=orjson.OPT_SORT_KEYS)

    def _render_page(self, prefix: str) -> str:  # noqa: ARG002 (links depend on it)
        content = self._content
        return render_template("docs.html", api=content, page=page_of(content), resolve=_resolve(content))


def init_app(app: Flask, spec: APISpec) -> None:
    """Serve `/docs` and `/openapi.yaml`, at the root of the site and under the API's root."""
    blueprint = Blueprint(
        "docs", __name__, template_folder="templates", static_folder="static", static_url_path="/docs/static"
    )
    blueprint.add_app_template_filter(_code_spans, "code_spans")
    blueprint.add_app_template_filter(_breakable, "breakable")
    documentation = _Documentation(spec)

    @blueprint.get("/openapi.yaml")
    @blueprint.get(f"{API_ROOT}/openapi.yaml")
    def openapi_yaml() -> Response:
        return Response(documentation.yaml, mimetype="application/yaml")

    @blueprint.get("/openapi.json")
    @blueprint.get(f"{API_ROOT}/openapi.json")
    def openapi_json() -> Response:
        return Response(documentation.json, mimetype="application/json")

    @blueprint.get("/docs")
    @blueprint.get(f"{API_ROOT}/docs")
    def docs_page() -> Response:
        page = documentation.page(request.script_root)
        response = Response(page.replace(_ADDRESS, escape(request.url_root)))
        response.headers["Content-Security-Policy"] = _PAGE_POLICY
        return response

    @blueprint.get(API_ROOT)
    def root() -> Any:
        return redirect("/docs")

    app.register_blueprint(blueprint)


def _code_spans(text: str) -> Markup:
    """Escape a text for HTML, and convert `backticks` to code elements."""
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
