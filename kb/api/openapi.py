"""Complete the OpenAPI document of flask-smorest with what follows from general rules.

The callers of an operation follow from its entry in ENDPOINTS, its errors from its parameters and its body,
and conditional reads from its ETag. So no view has to declare them, and none can forget to.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kb.api.examples import add_examples, problem_example
from kb.api.problems import LANGUAGE_HEADER, PROBLEM_TYPE
from kb.domain.permissions import PERMISSIONS, Action, Role
from kb.web.endpoints import ENDPOINTS
from kb.web.http_messages import phrase_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kb.domain.permissions import Rule

METHODS = ("get", "post", "put", "patch", "delete")

_IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "required": False,
    "schema": {"type": "string"},
    "description": "ETag of what you have. If it is still current, the response is 304, without a body.",
}
_NOT_MODIFIED = {
    "description": "Not modified since the ETag in `If-None-Match`.",
    "headers": {"ETag": {"schema": {"type": "string"}, "description": "The ETag that was sent."}},
}
_REPLAYED = {
    "schema": {"type": "string", "enum": ["true"]},
    "description": "Present if this is the stored response to an earlier request with the same key.",
}
_ERRORS = {
    400: "The body is not valid JSON, or contains a duplicate key, NaN or an oversized number.",
    401: "A token is required, or the one that was sent is not valid.",
    403: "The token's role, team or scope does not permit this.",
    404: "It does not exist, or you may not see it.",
    408: "The body took too long to arrive.",
    409: "It conflicts with what is stored, or a request with the same `Idempotency-Key` is in progress.",
    412: "The change is based on an outdated version: somebody else was faster. Nothing was changed.",
    413: "The body is too large.",
    415: "The body is of another media type, or it is compressed.",
    422: "A field or parameter is invalid, or the `Idempotency-Key` belongs to a different request.",
    428: "The change is based on no version: send `If-Match`.",
    429: "Too many failed attempts. Try again after `Retry-After`.",
    503: "The database is busy, or the index is being rebuilt. Try again after `Retry-After`.",
}
RETRY_AFTER = {"Retry-After": {"schema": {"type": "integer"}, "description": "In seconds."}}
_WHILE_IN_PROGRESS = {
    "Retry-After": {
        "schema": {"type": "integer"},
        "description": "In seconds; while a request with the same `Idempotency-Key` is in progress.",
    }
}
_ERROR_HEADERS: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}, "description": "`Bearer`."}},
    409: _WHILE_IN_PROGRESS,
    429: RETRY_AFTER,
    503: RETRY_AFTER,
}
_CALLERS = {
    Role.SIGNED_IN: "For every signed-in caller. The token",
    Role.READER: "For members of the team. The token",
    Role.CONTRIBUTOR: "For contributors of the team. The token",
    Role.REVIEWER: "For reviewers of the team. The token",
    Role.ADMIN: "For administrators of the team. The token",
    Role.SITE_ADMIN: "For site administrators. The token",
}


@dataclass(frozen=True)
class Operation:
    """An operation of the document: its path, its method, and its content."""

    path: str
    method: str
    content: dict[str, Any]

    @property
    def action(self) -> Action:
        return ENDPOINTS[self.content["operationId"]]

    @property
    def rule(self) -> Rule:
        return PERMISSIONS[self.action]

    @property
    def parameters(self) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = self.content.get("parameters", [])
        return parameters

    def has_header(self, name: str) -> bool:
        """Whether the operation has this request header."""
        return any(item["in"] == "header" and item["name"] == name for item in self.parameters)


def operations_of(document: Mapping[str, Any]) -> Iterator[Operation]:
    """The operations of a document, in order."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield Operation(path, method, item[method])


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with all derived content."""
    completed = deepcopy(document)
    responses = completed["components"]["responses"]
    responses.update({_name(status): _error_response(status) for status in _ERRORS})
    for operation in operations_of(completed):
        _split_summary(operation)
        _declare_access(operation)
        _make_body_optional(operation, completed["components"]["schemas"])
        _declare_conditional_read(operation)
        _declare_replay(operation)
        _declare_errors(operation)
    add_examples(completed, (operation.content for operation in operations_of(completed)))
    return completed


def _split_summary(operation: Operation) -> None:
    """Split a docstring into the first sentence, as the summary, and the rest, as the description."""
    summary, _, rest = operation.content["summary"].partition(". ")
    paragraphs = (rest, operation.content.get("description", ""), _access(operation))
    operation.content["summary"] = summary.removesuffix(".")
    operation.content["description"] = "\n\n".join(filter(None, paragraphs))


def _access(operation: Operation) -> str:
    """A sentence on who may call an operation."""
    if operation.action is Action.PUBLIC:
        return "Needs no token."
    if operation.rule.role <= Role.ANONYMOUS:
        return "Needs no token for what is published, unless `KB_ANONYMOUS=none`."
    return f"{_CALLERS[operation.rule.role]} needs the scope `{operation.rule.scope.value}`."


def _declare_access(operation: Operation) -> None:
    if operation.action is Action.PUBLIC:
        operation.content["security"] = []
    elif operation.rule.role > Role.ANONYMOUS:
        operation.content["security"] = [{"bearer": []}]


def _make_body_optional(operation: Operation, schemas: dict[str, Any]) -> None:
    """A POST without a required field needs no body (`Parser.load_json`)."""
    body = operation.content.get("requestBody")
    schema = {} if body is None else body["content"].get("application/json", {}).get("schema", {})
    if body is not None and "$ref" in schema and operation.method == "post":
        name = schema["$ref"].rpartition("/")[2]
        body["required"] = "required" in schemas[name]


def _declare_conditional_read(operation: Operation) -> None:
    responses = operation.content["responses"]
    if operation.method == "get" and "ETag" in responses["200"].get("headers", {}):
        operation.content["parameters"] = [*operation.parameters, deepcopy(_IF_NONE_MATCH)]
        responses["304"] = deepcopy(_NOT_MODIFIED)


def _declare_replay(operation: Operation) -> None:
    if operation.has_header("Idempotency-Key"):
        for status, response in operation.content["responses"].items():
            if status.startswith("2"):
                response.setdefault("headers", {})["Idempotent-Replayed"] = deepcopy(_REPLAYED)


def _declare_errors(operation: Operation) -> None:
    """Add the errors that an operation may return; its view declares only those that cannot be derived."""
    statuses: set[int] = set()
    if operation.action is not Action.PUBLIC:
        statuses |= {401, 403, 429, 503}
    if "{" in operation.path:
        statuses |= {404}
    if "requestBody" in operation.content:
        statuses |= {400, 408, 413, 415, 422}
    if operation.parameters:
        statuses |= {422}
    if operation.has_header("If-Match"):
        statuses |= {409, 412, 428}
    if operation.has_header("Idempotency-Key"):
        statuses |= {409}
    for status in sorted(statuses):
        reference = {"$ref": f"#/components/responses/{_name(status)}"}
        operation.content["responses"].setdefault(str(status), reference)


def _name(status: int) -> str:
    """The name of the component that describes an error."""
    return phrase_of(status).replace(" ", "")


def _error_response(status: int) -> dict[str, Any]:
    media = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": problem_example(status)}
    headers = deepcopy({**LANGUAGE_HEADER, **_ERROR_HEADERS.get(status, {})})
    return {"description": _ERRORS[status], "headers": headers, "content": {PROBLEM_TYPE: media}}
