"""What openapi.yaml promises to generated clients, and that the service keeps it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask

from kb.api.openapi import Operation, operations_of
from kb.domain.permissions import PERMISSIONS, Role
from kb.schemas.incident_input import IncidentPatchSchema
from kb.schemas.json_schema import ecma_pattern, json_schema
from kb.web.endpoints import ENDPOINTS
from tests.support.api import REPOSITORY, Api
from tests.support.checks import store_check
from tests.support.contract import committed_contract, openapi_document
from tests.support.pages import page_views
from tests.support.samples import SAMPLE_REQUESTS, SampleData, send_request

DOCUMENT = openapi_document(REPOSITORY / "openapi.yaml")
OPERATIONS = {operation.content["operationId"]: operation for operation in operations_of(DOCUMENT)}
SCHEMAS = DOCUMENT["components"]["schemas"]

OPTIONAL_FIELDS = {
    "AiidIncident": {"description", "Alleged deployer of AI system"},
    "AiidReport": {"epoch_date_published"},
    "ExampleDraft": {
        "language", "platform", "audience", "audience_countries", "account", "organization", "industry",
        "scheduled_at", "links", "kind", "approvers",
    },
    "ExportedIncident": {
        "actions", "review_events", "revisions", "distinct_from", "organization_aliases",
    },
    "Guard": {"title"},  # those of lessons that were stored before guards had titles
    "Hit": {"explanation"},
    "Incident": {"notes", "likely_duplicates", "language_source", "proposal", "passed_check"},
    "NamedGuard": {"title"},
    "Problem": {"errors"},
    "ProblemError": {"pointer", "parameter"},
    "VerisIncident": {
        "reference", "confidence", "attribute", "impact", "control_failure", "corrective_action",
    },
}  # fmt: skip
"""Fields that some responses have, and others not."""


def _nodes(node: Any, seen: frozenset[str] = frozenset()) -> Iterator[dict[str, Any]]:
    """All objects below a node, across references."""
    if isinstance(node, dict):
        yield node
        reference = node.get("$ref")
        if reference is not None and reference not in seen:
            yield from _nodes(_target(reference), seen | {reference})
        for name, child in node.items():
            if name not in ("example", "examples"):
                yield from _nodes(child, seen)
    elif isinstance(node, list):
        for child in node:
            yield from _nodes(child, seen)


def _target(reference: str) -> Any:
    target: Any = DOCUMENT
    for key in reference.removeprefix("#/").split("/"):
        target = target[key]
    return target


def _with_body() -> list[Operation]:
    """The operations that take an object; those that take a calendar have an array, or CSV."""
    bodies = (
        (operation, operation.content.get("requestBody", {"content": {}}))
        for operation in OPERATIONS.values()
    )
    return [
        operation
        for operation, body in bodies
        if "$ref" in body["content"].get("application/json", {}).get("schema", {})
    ]


def _body_schema(operation: Operation) -> dict[str, Any]:
    media = operation.content["requestBody"]["content"]["application/json"]
    schema: dict[str, Any] = _target(media["schema"]["$ref"])
    return schema


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    shared: list[dict[str, Any]] = DOCUMENT["paths"][operation.path].get("parameters", [])
    return [*shared, *operation.parameters]


def _response_schemas() -> set[str]:
    bodies = [operation.content["responses"] for operation in OPERATIONS.values()]
    references = {
        node["$ref"] for node in _nodes([*bodies, DOCUMENT["components"]["responses"]]) if "$ref" in node
    }
    return {reference.rpartition("/")[2] for reference in references if "/schemas/" in reference}


@pytest.mark.parametrize("operation", _with_body(), ids=lambda operation: operation.content["operationId"])
def test_no_request_body_has_a_default_at_any_depth(operation: Operation) -> None:
    assert [node for node in _nodes(operation.content["requestBody"]) if "default" in node] == []


def test_a_patch_requires_no_field_unless_it_has_only_one() -> None:
    patches = [operation for operation in _with_body() if operation.method == "patch"]
    assert patches
    for operation in patches:
        schema = _target(operation.content["requestBody"]["content"]["application/json"]["schema"]["$ref"])
        assert len(schema["properties"]) == 1 or "required" not in schema


def test_a_list_in_a_patch_may_be_null() -> None:
    """Java clients of openapi-generator send an empty list for one that is not set and may not be null."""
    for operation in _with_body():
        if operation.method == "patch":
            for name, field in _body_schema(operation)["properties"].items():
                assert field.get("type") != "array", (operation.content["operationId"], name)


def test_a_schema_for_forms_has_no_default_either() -> None:
    assert '"default"' not in json.dumps(json_schema(IncidentPatchSchema))


def test_a_parameter_is_left_out_rather_than_null() -> None:
    for operation in OPERATIONS.values():
        for parameter in _parameters(operation):
            schema = parameter["schema"]
            assert "null" not in json.dumps(schema), parameter["name"]
            assert parameter["in"] == "query" or "default" not in schema


@pytest.mark.no_cover
def test_the_default_of_a_parameter_can_be_sent(as_role: Callable[..., Api]) -> None:
    """A generated client sends each default that the document names."""
    admin = as_role("site_admin")
    data = SampleData(as_role("site_admin", team="north"))
    for name, operation in OPERATIONS.items():
        defaults = {
            parameter["name"]: parameter["schema"]["default"]
            for parameter in operation.parameters
            if "default" in parameter["schema"]
        }
        if operation.method != "get" or not defaults:
            continue
        _, path, _ = SAMPLE_REQUESTS[name](data, admin)
        asked = path.partition("?")[2]
        missing = {key: value for key, value in defaults.items() if f"{key}=" not in asked}
        query = urlencode({key: json.dumps(value).strip('"') for key, value in missing.items()})
        plain = admin.request("GET", path)
        explicit = admin.request("GET", f"{path}{'&' if asked else '?'}{query}")
        assert explicit.status_code == 200, query
        assert _without_times(plain.text) == _without_times(explicit.text), f"{path} {query}"


def _without_times(text: str) -> str:
    return re.sub(r'"(as_of|took_ms)":("[^"]*"|[\d.]+)|\?limit[^>]*>', "", text)


@pytest.mark.no_cover
def test_if_match_is_required_exactly_where_the_service_asks_for_it(person: Callable[..., Api]) -> None:
    data = SampleData(person("Ada Admin", site_admin=True, north="admin"))
    for name, operation in OPERATIONS.items():
        if operation.method == "get" or name not in SAMPLE_REQUESTS:
            continue
        method, path, body = SAMPLE_REQUESTS[name](data, data.admin)
        options = {} if body is None else {"json": body}
        response = data.admin.request(method, path, **options)
        declared = [item["required"] for item in operation.parameters if item["name"] == "If-Match"]
        assert (response.status_code == 428) == (declared == [True]), f"{name}: {response.text}"


def test_every_operation_has_a_tag_a_summary_and_a_description() -> None:
    tags = {tag["name"] for tag in DOCUMENT["tags"]}
    assert all(tag["description"] for tag in DOCUMENT["tags"])
    for name, operation in OPERATIONS.items():
        (tag,) = operation.content["tags"]
        assert tag in tags, name
        assert 0 < len(operation.content["summary"]) <= 60, name
        assert not operation.content["summary"].endswith("."), name
        assert operation.content["description"], name


def test_the_operations_are_the_endpoints_each_under_its_own_id(app: Flask) -> None:
    count = sum(1 for _ in operations_of(DOCUMENT))
    assert count == len(OPERATIONS)
    served_elsewhere = {"openapi_yaml", "openapi_json", "docs_page", "docs_static", "root"}
    assert OPERATIONS.keys() == ENDPOINTS.keys() - served_elsewhere - page_views(app)


def test_every_success_has_one_media_type_so_that_clients_know_its_type() -> None:
    for name, operation in OPERATIONS.items():
        for status, response in operation.content["responses"].items():
            if status.startswith("2"):
                assert len(response.get("content", {})) == (0 if status == "204" else 1), name


def test_every_error_that_a_client_can_cause_has_an_example_of_a_problem() -> None:
    contract = committed_contract()
    for name, response in DOCUMENT["components"]["responses"].items():
        if name != "DEFAULT_ERROR":
            media = response["content"]["application/problem+json"]
            contract.validate(media["example"], media["schema"])
    for name, operation in OPERATIONS.items():
        statuses = operation.content["responses"].keys()
        assert (
            not any(item["name"] == "If-Match" for item in operation.parameters) or {"412", "428"} <= statuses
        )
        assert "requestBody" not in operation.content or {"400", "415", "422"} <= statuses, name


def test_every_body_and_every_answer_has_an_example_that_is_valid() -> None:
    contract = committed_contract()
    examples = DOCUMENT["components"]["examples"]
    for name, operation in OPERATIONS.items():
        bodies = [operation.content.get("requestBody", {}), operation.content["responses"].get("200", {})]
        for media in [media for body in bodies for media in body.get("content", {}).values()]:
            if "$ref" not in media["schema"]:
                if "example" in media:
                    contract.validate(media["example"], media["schema"])
                continue
            assert media["examples"], name
            for example in media["examples"]:
                assert examples[example]["summary"]
                contract.validate(examples[example]["value"], media["schema"])


def test_examples_of_bodies_are_accepted_by_the_service(as_role: Callable[..., Api]) -> None:
    admin = as_role("site_admin", team="social-media")
    for name, example in DOCUMENT["components"]["examples"].items():
        if name.startswith("IncidentInput"):
            response = admin.post("/incidents", {**example["value"], "team": "social-media"})
            assert response.status_code == 201, response.text
        elif name.startswith("IncidentPatch"):
            response = admin.patch("/incidents/3", example["value"], If_Match="*")
            assert response.status_code == 200, response.text


def test_an_example_is_in_hebrew() -> None:
    values = [example["value"] for example in DOCUMENT["components"]["examples"].values()]
    assert any(
        isinstance(value, dict) and value.get("language") == "he" and "lessons" in value for value in values
    )


def test_response_fields_are_required_unless_some_response_lacks_them(person: Callable[..., Api]) -> None:
    for name in _response_schemas():
        schema = SCHEMAS[name]
        optional = schema["properties"].keys() - set(schema.get("required", ()))
        assert optional == OPTIONAL_FIELDS.get(name, set()), name
        assert "default" not in json.dumps(schema), name
    admin, dana = person("Ada Admin", site_admin=True), person("Dana Levi", north="contributor")
    incident, public = admin.file(team="north"), admin.file(team="north", status="published")
    twin = dana.file(lessons=[{"text": "Another."}])["id"]
    taken = {"take_over": ["lessons"]}
    merged = dana.post(f"/incidents/{twin}/duplicate-of/{public['id']}", taken, If_Match="*").get_json()
    passed = admin.file(team="north", passed_check=store_check(admin))
    assert OPTIONAL_FIELDS["Incident"] <= incident.keys() | merged.keys() | passed.keys()
    assert not OPTIONAL_FIELDS["Incident"] & admin.get(f"/incidents/{incident['id']}").get_json().keys()
    assert "explanation" not in admin.get("/search", q="joke").get_json()["items"][0]
    assert "explanation" in admin.get("/search", q="joke", explain="true").get_json()["items"][0]


def test_responses_may_gain_fields_and_requests_may_not_have_unknown_ones() -> None:
    for name in _response_schemas():
        assert SCHEMAS[name].get("additionalProperties", True) is not False, name
    for operation in _with_body():
        assert _body_schema(operation)["additionalProperties"] is False


def test_a_body_is_optional_where_the_service_needs_none(person: Callable[..., Api]) -> None:
    data = SampleData(person("Ada Admin", site_admin=True, north="admin"))
    for operation in _with_body():
        name = operation.content["operationId"]
        if operation.method == "post" and name in SAMPLE_REQUESTS:
            method, path, _ = SAMPLE_REQUESTS[name](data, data.admin)
            status = send_request(data.admin, (method, path, None)).status_code
            optional = not operation.content["requestBody"]["required"]
            assert (status < 300) == optional or status == 409, f"{name}: {status}"


def test_only_operations_for_everyone_need_no_token() -> None:
    """That the service enforces the permission table is shown in test_permissions.py."""
    for name, operation in OPERATIONS.items():
        needs_token = operation.content.get("security") == [{"bearer": []}]
        assert needs_token == (PERMISSIONS[ENDPOINTS[name]].role > Role.ANONYMOUS), name


@pytest.mark.parametrize("extension", ["csv", "atom", "ics", "md"])
def test_another_format_has_a_path_of_its_own(reader: Api, extension: str) -> None:
    path, key = {
        "csv": ("/trends", "csv"),
        "atom": ("/changes", "atom"),
        "ics": ("/calendar", "ics"),
        "md": ("/templates/incident", "markdown"),
    }[extension]
    by_path, by_parameter = reader.get(f"{path}.{extension}"), reader.get(path, format=key)
    assert by_path.text == by_parameter.text
    assert by_path.mimetype == by_parameter.mimetype != "application/json"


def test_a_pattern_of_python_becomes_one_of_ecma_262() -> None:
    assert ecma_pattern(r"[A-Z]{3}\Z") == "^[A-Z]{3}$"
    assert ecma_pattern(r"^\d+$") == r"^\d+$"
    for pattern in (r"(?i)abc", r"(?P<year>\d{4})", r"a*+", r"\Aabc"):
        with pytest.raises(ValueError, match="ECMA-262"):
            ecma_pattern(pattern)


def test_the_document_is_served_as_json_too(app: Flask) -> None:
    for path in ("/openapi.json", "/api/v1/openapi.json"):
        response = app.test_client().get(path)
        assert response.mimetype == "application/json"
        assert response.get_json() == DOCUMENT
