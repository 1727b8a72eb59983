"""Checks responses against openapi.yaml: their status, headers, content type and body must be documented."""

from __future__ import annotations

import json
import re
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from jsonschema_rs import Draft202012, Draft202012Validator, Registry
from werkzeug.test import TestResponse

from kb.yaml_text import read_yaml

_ROOT = "urn:openapi"

_DOCUMENTED_HEADERS = (
    "Content-Language", "ETag", "Idempotent-Replayed", "Index-Status", "Link", "Location", "Retry-After",
    "Undated-Incidents", "WWW-Authenticate",
)  # fmt: skip
"""Headers that clients read: where a response has one, the document must say so."""

_EXTENSIONS = {
    "text/csv": ".csv",
    "application/atom+xml": ".atom",
    "text/calendar": ".ics",
    "text/markdown": ".md",
    "application/zip": ".zip",
    "application/yaml": ".yaml",
}
"""The ending of the path that documents another format than JSON."""


class Contract:
    """An OpenAPI document that responses are checked against."""

    def __init__(self, path: Path) -> None:
        self._document = openapi_document(path)
        self._registry = Registry([(_ROOT, _closed(self._document))], draft=Draft202012)
        self._validators: dict[str, Draft202012Validator] = {}
        self._operations = _operations(self._document)

    def check(self, method: str, path: str, response: TestResponse) -> None:
        """Raise AssertionError unless the document promises such a response, which is read to its end."""
        response.get_data()
        if path.endswith("/") and response.status_code == HTTPStatus.PERMANENT_REDIRECT:
            location = unquote(urlsplit(response.headers["Location"]).path)
            assert location == unquote(f"/api/v1{path[:-1]}"), f"{method} {path} leads to {location}"
            return
        mimetype = response.mimetype or ""
        extension = _EXTENSIONS.get(mimetype, "")
        operation = self._operation(method, path if path.endswith(extension) else path + extension)
        if operation is None:
            assert response.status_code in (404, 405), f"{method} {path} is not documented"
            documented = {"$ref": "#/components/responses/DEFAULT_ERROR"}
        else:
            responses = operation["responses"]
            code = str(response.status_code)
            assert code in responses or code[0] != "4", f"{method} {path}: {code} is not documented"
            documented = responses.get(code, responses["default"])
            known = self._resolve(documented).get("headers", {}).keys()
            headers = {name for name in _DOCUMENTED_HEADERS if name in response.headers}
            assert headers <= known, f"{method} {path}: {code} {headers - known}"
        content: dict[str, Any] = self._resolve(documented).get("content", {})
        if not content:
            assert response.data == b"", f"{method} {path}: an empty body is documented"
            return
        assert mimetype in content, f"{method} {path}: {response.status_code} {mimetype}"
        if mimetype == "application/x-ndjson":
            for line in response.data.splitlines():
                self.validate(json.loads(line), content[mimetype]["schema"])
        elif mimetype.endswith("json"):
            self.validate(json.loads(response.data), content[mimetype]["schema"])

    def query_parameters(self, method: str, path: str) -> list[str]:
        """The names of the parameters that the query of an operation may have."""
        operation = self._operation(method, path)
        parameters = [self._resolve(each) for each in (operation or {}).get("parameters", ())]
        return [each["name"] for each in parameters if each["in"] == "query"]

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        for pattern, operations in self._operations:
            if pattern.fullmatch(f"/api/v1{path}"):
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

    def validate(self, body: Any, schema: dict[str, Any]) -> None:
        """Raise AssertionError unless a body fulfills a schema of the document, and has no other fields."""
        problems = [
            f"/{'/'.join(map(str, error.instance_path))}: {error.message}"
            for error in self._validator(schema).iter_errors(body)
        ]
        assert not problems, problems

    def _validator(self, schema: dict[str, Any]) -> Draft202012Validator:
        """What validates bodies by a schema, compiled once."""
        key = json.dumps(schema)
        if (validator := self._validators.get(key)) is None:
            validator = self._validators[key] = self._compile(schema)
        return validator

    def _compile(self, schema: dict[str, Any]) -> Draft202012Validator:
        if "$ref" in schema:
            schema = {"$ref": _ROOT + schema["$ref"]}
        elif "$ref" in schema.get("items", ()):
            schema = {**schema, "items": {"$ref": _ROOT + schema["items"]["$ref"]}}
        elif "anyOf" in schema:
            schema = {"anyOf": [{"$ref": _ROOT + each["$ref"]} for each in schema["anyOf"]]}
        return Draft202012Validator(schema, registry=self._registry, validate_formats=True)


@cache
def committed_contract() -> Contract:
    """What the committed openapi.yaml promises, prepared once a session."""
    return Contract(Path(__file__).parents[2] / "openapi.yaml")


def _operations(document: dict[str, Any]) -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    """The operations of each path, by the pattern of its addresses."""
    # `/checks/trends` before `/checks/{check_id}`, and the path with an ending before the one without.
    paths = sorted(document["paths"].items(), key=lambda item: (item[0].count("{"), -len(item[0])))
    return [
        (re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template))), operations)
        for template, operations in paths
    ]


def _closed(document: dict[str, Any]) -> dict[str, Any]:
    """The document with schemas that allow only the fields they name, to find the undocumented ones."""
    schemas = {
        name: {"additionalProperties": False, **schema} if "properties" in schema else schema
        for name, schema in document["components"]["schemas"].items()
    }
    return {**document, "components": {**document["components"], "schemas": schemas}}


@cache
def openapi_document(path: Path) -> dict[str, Any]:
    """An OpenAPI document, parsed once a session."""
    document: dict[str, Any] = read_yaml(path.read_text("utf-8"))
    return document
