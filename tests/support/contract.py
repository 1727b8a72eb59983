"""Checks responses against openapi.yaml: their status, content type and body must be documented."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from werkzeug.test import TestResponse

from kb.yaml_text import read_yaml

_ROOT = "urn:openapi"


class Contract:
    """An OpenAPI document that responses are checked against."""

    def __init__(self, path: Path) -> None:
        self._document = openapi_document(path)
        resource = Resource.from_contents(self._document, default_specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource(_ROOT, resource)

    def check(self, method: str, path: str, response: TestResponse) -> None:
        """Raise AssertionError unless the document promises such a response."""
        operation = self._operation(method, path)
        if operation is None:
            assert response.status_code in (404, 405), f"{method} {path} is not documented"
            documented = {"$ref": "#/components/responses/DEFAULT_ERROR"}
        else:
            responses = operation["responses"]
            documented = responses.get(str(response.status_code), responses["default"])
        content: dict[str, Any] = self._resolve(documented).get("content", {})
        if not content:
            assert response.data == b"", f"{method} {path}: an empty body is documented"
            return
        mimetype = response.mimetype or ""
        assert mimetype in content, f"{method} {path}: {response.status_code} {mimetype}"
        if mimetype.endswith("json"):
            self._validate(json.loads(response.data), content[mimetype]["schema"])

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        for template, operations in self._document["paths"].items():
            pattern = re.sub(r"\{\w+\}", "[^/]+", template)
            if re.fullmatch(pattern, f"/api/v1{path}"):
                operation: dict[str, Any] | None = operations.get(method.lower())
                return operation
        return None

    def _resolve(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            target: Any = self._document
            for key in node["$ref"].removeprefix("#/").split("/"):
                target = target[key]
            node = target
        return node

    def _validate(self, body: Any, schema: dict[str, Any]) -> None:
        if "$ref" in schema:
            schema = {"$ref": _ROOT + schema["$ref"]}
        validator = Draft202012Validator(
            schema, registry=self._registry, format_checker=FormatChecker(["date", "date-time"])
        )
        problems = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(body)]
        assert not problems, problems


@cache
def openapi_document(path: Path) -> dict[str, Any]:
    """An OpenAPI document, parsed once a session."""
    document: dict[str, Any] = read_yaml(path.read_text("utf-8"))
    return document
