"""The content of the page `/docs`: operations of the OpenAPI document by tag, with examples and a curl
command."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from kb.api.openapi import Operation, operations_of
from kb.config import API_ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_INLINE_BODY = 240
"""Maximum length of a body that a curl command contains, in characters. A longer one is read from a file."""


class Example(NamedTuple):
    """An example, formatted for the page."""

    summary: str
    text: str


class Answer(NamedTuple):
    """A response of an operation that is not an error."""

    status: str
    description: str
    media_type: str
    schema: Mapping[str, Any]
    headers: Mapping[str, Any]
    examples: list[Example]


class Entry(NamedTuple):
    """One operation."""

    id: str
    method: str
    path: str
    summary: str
    paragraphs: list[str]
    parameters: list[Mapping[str, Any]]
    body: Mapping[str, Any] | None
    examples: list[Example]
    curl: str
    answers: list[Answer]
    errors: list[tuple[str, str]]


class Group(NamedTuple):
    """The operations with one tag."""

    name: str
    description: str
    entries: list[Entry]


class Error(NamedTuple):
    """An error that operations share."""

    name: str
    status: int
    title: str
    description: str
    example: str


class Page(NamedTuple):
    """The content of the page."""

    groups: list[Group]
    errors: list[Error]


def page_of(document: Mapping[str, Any]) -> Page:
    """Arrange a document for reading: operations by tag, in the order of the document."""
    entries: dict[str, list[Entry]] = {tag["name"]: [] for tag in document["tags"]}
    for operation in operations_of(document):
        entries[operation.content["tags"][0]].append(_entry(document, operation))
    groups = [Group(tag["name"], tag["description"], entries[tag["name"]]) for tag in document["tags"]]
    return Page(groups, _errors(document))


def as_text(value: Any) -> str:
    """Format a value as sent: indented JSON, or plain text."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


def _entry(document: Mapping[str, Any], operation: Operation) -> Entry:
    content, item = operation.content, document["paths"][operation.path]
    parameters = [*item.get("parameters", []), *operation.parameters]
    media: dict[str, Any] | None = content.get("requestBody", {}).get("content", {}).get("application/json")
    responses: dict[str, Any] = content["responses"]
    return Entry(
        id=content["operationId"],
        method=operation.method.upper(),
        path=operation.path,
        summary=content["summary"],
        paragraphs=content["description"].split("\n\n"),
        parameters=parameters,
        body=media and {**media["schema"], "required": content["requestBody"].get("required", False)},
        examples=_examples(document, media or {}),
        curl=_curl(document, operation, parameters, media),
        answers=[
            _answer(document, status, response)
            for status, response in sorted(responses.items())
            if status != "default" and "$ref" not in response
        ],
        errors=[
            (status, response["$ref"].rpartition("/")[2])
            for status, response in sorted(responses.items())
            if status != "default" and "$ref" in response
        ],
    )


def _answer(document: Mapping[str, Any], status: str, response: Mapping[str, Any]) -> Answer:
    content: dict[str, dict[str, Any]] = {**response.get("content", {})}
    media_type = next(iter(content), "")
    media = content.get(media_type, {})
    return Answer(
        status=status,
        description=response["description"],
        media_type=media_type,
        schema=media.get("schema", {}),
        headers=response.get("headers", {}),
        examples=_examples(document, media),
    )


def _examples(document: Mapping[str, Any], media: Mapping[str, Any]) -> list[Example]:
    if "example" in media:
        return [Example("The first lines", as_text(media["example"]))]
    known = document["components"]["examples"]
    return [
        Example(known[name]["summary"], as_text(known[name]["value"])) for name in media.get("examples", {})
    ]


def _errors(document: Mapping[str, Any]) -> list[Error]:
    errors = []
    for name, response in document["components"]["responses"].items():
        (media,) = response["content"].values()
        if "example" in media:
            problem = media["example"]
            errors.append(
                Error(name, problem["status"], problem["title"], response["description"], as_text(problem))
            )
    return sorted(errors, key=lambda error: error.status)


def _curl(
    document: Mapping[str, Any],
    operation: Operation,
    parameters: list[Mapping[str, Any]],
    media: Mapping[str, Any] | None,
) -> str:
    """A command for a shell in which KB is the URL of the API, and TOKEN is a token."""
    url = _example_url(operation, parameters)
    command = ["curl" if operation.method == "get" else f"curl -X {operation.method.upper()}", f'"$KB{url}"']
    if operation.content.get("security") == [{"bearer": []}]:
        command.append('-H "Authorization: Bearer $TOKEN"')
    if operation.has_header("If-Match"):
        command.append("-H 'If-Match: \"2\"'")
    if media is not None:
        command += _body(document, media)
    return " \\\n  ".join([" ".join(command[:2]), *command[2:]])


def _body(document: Mapping[str, Any], media: Mapping[str, Any]) -> list[str]:
    """The curl options that send a body: its first example, or a file."""
    if "examples" in media:
        value = document["components"]["examples"][next(iter(media["examples"]))]["value"]
    else:
        value = media["example"]
    body = json.dumps(value, ensure_ascii=False)
    data = "@body.json" if len(body) > _MAX_INLINE_BODY else shlex.quote(body)
    return ["-H 'Content-Type: application/json'", f"-d {data}"]


def _example_url(operation: Operation, parameters: list[Mapping[str, Any]]) -> str:
    path, query = operation.path.removeprefix(API_ROOT), {}
    for parameter in parameters:
        if "example" not in parameter:
            continue
        value = parameter["example"]
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", str(value))
        elif parameter["in"] == "query":
            query[parameter["name"]] = ",".join(value) if isinstance(value, list) else value
    return f"{path}?{urlencode(query)}" if query else path
