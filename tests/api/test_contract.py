"""A body that is not what openapi.yaml promises is refused, wherever it differs."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tests.support.api import REPOSITORY
from tests.support.contract import committed_contract, openapi_document

LIST = {"$ref": "#/components/schemas/CardList"}


@pytest.fixture
def body() -> dict[str, Any]:
    examples = openapi_document(REPOSITORY / "openapi.yaml")["components"]["examples"]
    example: dict[str, Any] = deepcopy(examples["CardList"]["value"])
    return example


def test_the_example_of_a_body_is_what_is_promised(body: dict[str, Any]) -> None:
    contract = committed_contract()
    contract.validate(body, LIST)
    contract.validate(body["items"], {"type": "array", "items": {"$ref": "#/components/schemas/Card"}})
    with pytest.raises(AssertionError):
        contract.validate(body["items"], LIST)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", 5),
        ("title", None),
        ("id", "5"),
        ("id", 5.5),
        ("status", "lost"),
        ("updated_at", "2026-02-30T10:00:00Z"),
        ("updated_at", "2026-02-03T10:00:00"),
        ("updated_at", "yesterday"),
        ("undocumented", "5"),
    ],
)
def test_a_field_that_is_not_promised_so_is_refused_and_named(
    body: dict[str, Any], field: str, value: Any
) -> None:
    body["items"][0][field] = value
    with pytest.raises(AssertionError, match=field):
        committed_contract().validate(body, LIST)


def test_a_required_field_that_is_missing_is_refused_and_named(body: dict[str, Any]) -> None:
    del body["items"][0]["title"]
    with pytest.raises(AssertionError, match="title"):
        committed_contract().validate(body, LIST)
