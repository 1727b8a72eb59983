"""Add examples to the OpenAPI document: requests from the six cases, and recorded responses."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.yaml_text import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable

REQUESTS = Path(__file__).with_name("example_requests.yaml")
ANSWERS = Path(__file__).with_name("example_answers.yaml")
"""The recorded responses, written by scripts/record-examples."""


def add_examples(document: dict[str, Any], operations: Iterable[dict[str, Any]]) -> None:
    """Add examples to the request bodies, responses and parameters of operations, and define them as
    components.
    """
    requests, answers = _read(REQUESTS), _read(ANSWERS)
    by_schema = {**requests["bodies"], **answers.get("answers", {})}
    components = document["components"].setdefault("examples", {})
    for schema, examples in by_schema.items():
        for number, (summary, value) in enumerate(examples.items()):
            components[_component(schema, number)] = {"summary": summary, "value": value}
    for operation in operations:
        operation_id = operation["operationId"]
        for media in _media_types(operation):
            _refer_to_examples(media, by_schema)
        if (text := answers.get("texts", {}).get(operation_id)) is not None:
            next(iter(operation["responses"]["200"]["content"].values()))["example"] = text
        for parameter in operation.get("parameters", []):
            _add_parameter_example(parameter, requests["queries"].get(operation_id, {}))
    for item in document["paths"].values():
        for parameter in item.get("parameters", []):
            _add_parameter_example(parameter, requests["parameters"])


def problem_example(status: int) -> dict[str, Any]:
    """The recorded response of an error with this status."""
    problem: dict[str, Any] = _read(ANSWERS)["problems"][status]
    return problem


@cache
def _read(path: Path) -> Any:
    return read_yaml(path.read_text("utf-8"))


def _component(schema: str, number: int) -> str:
    return schema if number == 0 else f"{schema}{number + 1}"


def _media_types(operation: dict[str, Any]) -> Iterable[dict[str, Any]]:
    yield from operation.get("requestBody", {}).get("content", {}).values()
    for response in operation["responses"].values():
        yield from response.get("content", {}).values()


def _refer_to_examples(media: dict[str, Any], by_schema: dict[str, Any]) -> None:
    schema = media["schema"].get("$ref", "").rpartition("/")[2]
    if schema in by_schema:
        names = [_component(schema, number) for number in range(len(by_schema[schema]))]
        media["examples"] = {name: {"$ref": f"#/components/examples/{name}"} for name in names}


def _add_parameter_example(parameter: dict[str, Any], values: dict[str, Any]) -> None:
    if parameter["name"] in values:
        value = values[parameter["name"]]
        is_list = parameter["schema"].get("type") == "array"
        parameter["example"] = str(value).split(",") if is_list else value
